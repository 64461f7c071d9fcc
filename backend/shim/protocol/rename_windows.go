package protocol

import (
	"os"
	"time"
)

// rename tries again for a second: a scanner or a reader may hold the file.
func rename(from, to string) error {
	var err error
	for range 50 {
		if err = os.Rename(from, to); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}
