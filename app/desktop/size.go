package desktop

// What a window manager puts around a window, at most, as far as one can know.
const frameWidth, frameHeight = 16, 48

// within gives the size of a window that is no larger than the room for it.
func within(width, height, roomWidth, roomHeight int) (int, int) {
	return min(width, roomWidth-frameWidth), min(height, roomHeight-frameHeight)
}
