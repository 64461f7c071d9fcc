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

// A window comes back only where a person can take hold of it. WIN-5
func TestVisible(t *testing.T) {
	left, right := area{0, 0, 1920, 1040}, area{1920, 200, 1280, 984}
	for name, c := range map[string]struct {
		place   place
		screens []area
		want    bool
	}{
		"in the middle":                     {place{X: 400, Y: 100, Width: 1100, Height: 780}, []area{left}, true},
		"on the second screen":              {place{X: 2000, Y: 300, Width: 1100, Height: 780}, []area{left, right}, true},
		"the second screen was taken away":  {place{X: 2000, Y: 300, Width: 1100, Height: 780}, []area{left}, false},
		"half over the left side":           {place{X: -700, Y: 100, Width: 1100, Height: 780}, []area{left}, true},
		"all but a finger's breadth is out": {place{X: -1090, Y: 100, Width: 1100, Height: 780}, []area{left}, false},
		"its top is above the screen":       {place{X: 400, Y: -60, Width: 1100, Height: 780}, []area{left}, false},
		"its top is below the screen":       {place{X: 400, Y: 1030, Width: 1100, Height: 780}, []area{left}, false},
		"no screen is known":                {place{X: 400, Y: 100, Width: 1100, Height: 780}, nil, false},
	} {
		if got := visible(c.place, c.screens); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestScreenOfAWindow(t *testing.T) {
	left, right := area{0, 0, 1280, 720}, area{1280, 0, 2560, 1440}
	for name, c := range map[string]struct {
		at    place
		want  area
		found bool
	}{
		"on the first":         {place{X: 10, Y: 10, Width: 800, Height: 600}, left, true},
		"on the second":        {place{X: 1400, Y: 10, Width: 2000, Height: 1300}, right, true},
		"more on the second":   {place{X: 1200, Y: 10, Width: 800, Height: 600}, right, true},
		"more on the first":    {place{X: 900, Y: 10, Width: 500, Height: 600}, left, true},
		"below all":            {place{X: 10, Y: 2000, Width: 800, Height: 600}, area{}, false},
		"beside all":           {place{X: 4000, Y: 10, Width: 800, Height: 600}, area{}, false},
		"only its edge is met": {place{X: -800, Y: 10, Width: 800, Height: 600}, area{}, false},
	} {
		if got, found := screenOf(c.at, []area{left, right}); got != c.want || found != c.found {
			t.Errorf("%s: %v %v, want %v %v", name, got, found, c.want, c.found)
		}
	}
}
