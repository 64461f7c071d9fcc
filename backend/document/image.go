package document

import (
	"bytes"
	"encoding/binary"
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

// reading bounds how many drawings are looked through at a time.
var reading = make(chan struct{}, 2)

// ReadImage reads a picture by its path in the group's folder. It fails with
// CodeNotFound, CodeDocumentImageLarge, CodeDocumentImagePixels, CodeDocumentDrawing,
// and CodeDocumentImageType where it is not what its name says.
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
	width, height := 0, 0
	switch kind {
	case "image/svg+xml":
		reading <- struct{}{}
		defer func() { <-reading }()
		if !bytes.Contains(b, []byte("<svg")) {
			return Image{}, wrong
		}
		if !drawable(b) {
			return Image{}, domain.NewError(domain.CodeDocumentDrawing, "link", file)
		}
	case "image/webp":
		var ok bool
		if width, height, ok = webpSize(b); !ok {
			return Image{}, wrong
		}
	default:
		c, name, err := image.DecodeConfig(bytes.NewReader(b))
		if err != nil || "image/"+name != kind {
			return Image{}, wrong.Because(err)
		}
		width, height = c.Width, c.Height
	}
	if width*height > pixelsMost {
		return Image{}, domain.NewError(domain.CodeDocumentImagePixels, "link", file, "width", width, "height", height)
	}
	return Image{Type: kind, Data: b}, nil
}

// webpSize reads a WebP picture's width and height; ok tells that it is one.
func webpSize(b []byte) (width, height int, ok bool) {
	if len(b) < 30 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WEBP" {
		return 0, 0, false
	}
	small := binary.LittleEndian.Uint16
	switch string(b[12:16]) {
	case "VP8 ":
		if string(b[23:26]) != "\x9d\x01\x2a" {
			return 0, 0, false
		}
		return int(small(b[26:]) & 0x3fff), int(small(b[28:]) & 0x3fff), true
	case "VP8L":
		bits := binary.LittleEndian.Uint32(b[21:])
		return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1, b[20] == 0x2f
	case "VP8X":
		large := func(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
		return large(b[24:]) + 1, large(b[27:]) + 1, true
	}
	return 0, 0, false
}
