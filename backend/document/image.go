package document

import (
	"bytes"
	"errors"
	"image"
	_ "image/gif"  // for their sizes
	_ "image/jpeg" // for their sizes
	_ "image/png"  // for their sizes
	"io/fs"
	"os"
	"path"
	"strings"

	"scriptsmanager/backend/domain"
)

const (
	// ImageMost bounds an image's file, in bytes, pixelsMost what it is when
	// unpacked: a file of a few KB may be a picture of gigabytes.
	ImageMost  = 8 << 20
	pixelsMost = 50_000_000
)

// imageTypes are the images that are shown, by the ends of their names.
var imageTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".svg": "image/svg+xml",
}

// Image is a picture of a group.
type Image struct {
	Type string `json:"type"`
	Data []byte `json:"data"`
}

// ReadImage reads a picture by its path in the group's folder. It fails with
// CodeNotFound, CodeDocumentImageLarge, and CodeDocumentImageType where it is
// not what its name says.
func ReadImage(root *os.Root, file string) (Image, error) {
	kind := imageTypes[strings.ToLower(path.Ext(file))]
	if kind == "" {
		return Image{}, domain.NewError(domain.CodeDocumentImageType, "link", file)
	}
	b, _, err := readFile(root, file, ImageMost)
	var large *tooLarge
	switch {
	case errors.As(err, &large):
		return Image{}, domain.NewError(domain.CodeDocumentImageLarge, "link", file, "most", ImageMost>>20).Because(err)
	case errors.Is(err, fs.ErrNotExist):
		return Image{}, domain.NewError(domain.CodeNotFound, "what", "file", "name", file).Because(err)
	case err != nil:
		return Image{}, domain.NewError(domain.CodeFileUnreadable, "path", file, "detail", err.Error()).Because(err)
	}
	wrong := domain.NewError(domain.CodeDocumentImageType, "link", file)
	switch kind {
	case "image/svg+xml":
		// Within <img> nothing in it runs or is fetched; entities could still
		// grow without bound.
		if !bytes.Contains(b, []byte("<svg")) || bytes.Contains(b, []byte("<!ENTITY")) || svgUses(b) {
			return Image{}, wrong
		}
	case "image/webp":
		if len(b) < 16 || string(b[:4]) != "RIFF" || string(b[8:15]) != "WEBPVP8" {
			return Image{}, wrong
		}
	default:
		c, name, err := image.DecodeConfig(bytes.NewReader(b))
		if err != nil || "image/"+name != kind {
			return Image{}, wrong.Because(err)
		}
		if c.Width*c.Height > pixelsMost {
			return Image{}, domain.NewError(domain.CodeDocumentImagePixels, "link", file, "width", c.Width, "height", c.Height)
		}
	}
	return Image{Type: kind, Data: b}, nil
}

// svgUses tells whether a drawing repeats its parts so often that drawing it
// might not end: uses of uses double with each.
func svgUses(b []byte) bool { return bytes.Count(b, []byte("<use")) > 200 }
