package platform

import "os"

func openPlain(path string) (*os.File, error) { return os.Open(path) }

// withoutWaiting is of no need here.
const withoutWaiting = 0
