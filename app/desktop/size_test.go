package desktop

import "testing"

// A window is no larger than the screen. WIN-1
func TestWithin(t *testing.T) {
	for _, c := range []struct{ roomWidth, roomHeight, width, height int }{
		{1920, 1080, 1100, 780},
		{1366, 768, 1100, 720},
		{1024, 640, 1008, 592},
	} {
		if w, h := within(1100, 780, c.roomWidth, c.roomHeight); w != c.width || h != c.height {
			t.Errorf("on %dx%d: %dx%d", c.roomWidth, c.roomHeight, w, h)
		}
	}
}
