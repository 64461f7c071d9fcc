package desktop

// What a window manager puts around a window, at most, as far as one can know.
const frameWidth, frameHeight = 16, 48

// A window is no smaller than this, nor further out than any desk.
const (
	narrowest, lowest = 480, 360
	farthest          = 1 << 15
)

// within gives the size of a window that is no larger than the room for it.
func within(width, height, roomWidth, roomHeight int) (int, int) {
	return min(width, roomWidth-frameWidth), min(height, roomHeight-frameHeight)
}

// area is the room of one screen, without panels.
type area struct{ x, y, width, height int }

// place is where a window stands and how large it is, in pixels of the screen;
// of a maximised one where it stands otherwise.
type place struct {
	X         int  `json:"x"`
	Y         int  `json:"y"`
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	Maximised bool `json:"maximised,omitempty"`
}

// sane tells whether a window can stand there on some desk.
func (p place) sane() bool {
	far := func(v int) bool { return v < -farthest || v > farthest }
	return !far(p.X) && !far(p.Y) && p.Width >= narrowest && p.Height >= lowest && !far(p.Width) && !far(p.Height)
}

// visible tells whether enough of the top of a window at p is on a screen to
// take it by there: screens are taken away and get smaller.
func visible(p place, screens []area) bool {
	const enough = 120
	for _, s := range screens {
		across := min(p.X+p.Width, s.x+s.width) - max(p.X, s.x)
		if across >= enough && p.Y >= s.y && p.Y <= s.y+s.height-enough {
			return true
		}
	}
	return false
}

// screenOf gives the screen on which most of a window at p lies.
func screenOf(p place, screens []area) (most area, found bool) {
	largest := 0
	for _, s := range screens {
		across := min(p.X+p.Width, s.x+s.width) - max(p.X, s.x)
		down := min(p.Y+p.Height, s.y+s.height) - max(p.Y, s.y)
		if across > 0 && down > 0 && across*down > largest {
			most, largest, found = s, across*down, true
		}
	}
	return most, found
}
