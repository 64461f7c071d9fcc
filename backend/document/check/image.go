package check

import (
	"bytes"
	"io"
	"os"

	"scriptsmanager/backend/platform"
)

// imageKinds are those that pages show, by how their files begin; none can run
// anything.
var imageKinds = []struct {
	ending string
	is     func(head []byte) bool
}{
	{".png", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }},
	{".jpg", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) }},
	{".gif", func(b []byte) bool {
		return bytes.HasPrefix(b, []byte("GIF87a")) || bytes.HasPrefix(b, []byte("GIF89a"))
	}},
	{".webp", func(b []byte) bool { return len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP" }},
}

// ImageEnding is the ending that the content of an image asks for; "" is none
// that is shown.
func ImageEnding(content []byte) string {
	for _, k := range imageKinds {
		if k.is(content) {
			return k.ending
		}
	}
	return ""
}

func imageType(group *os.Root, place string) string {
	f, err := platform.OpenPlainIn(group, place)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, 16)
	n, _ := io.ReadFull(f, head)
	return ImageEnding(head[:n])
}
