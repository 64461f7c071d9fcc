package guard

import "os"

func openRecord(path string) (*os.File, error) { return os.Open(path) }
