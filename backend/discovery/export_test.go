package discovery

import "time"

// LimitWatch lets tests see what happens where watches are scarce.
func LimitWatch(d *Discovery, folders int, blind time.Duration) {
	d.bounds.Folders, d.bounds.Blind = folders, blind
}
