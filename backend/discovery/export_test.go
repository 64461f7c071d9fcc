package discovery

import "time"

// LimitWatch lets tests see what happens where watches are scarce.
func LimitWatch(d *Discovery, folders int, blind time.Duration) {
	d.bounds.Folders, d.bounds.Blind = folders, blind
}

// MakeStale lets a script's header be remembered with another category, as if
// its file had changed without anything that tells so.
func MakeStale(d *Discovery, groupID, name, category string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.groups[groupID].file(name).header.category = category
}

// Settle makes what was read count, though it was read right after its change.
func Settle(d *Discovery) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, g := range d.groups {
		for i := range g.files {
			g.files[i].fresh = false
		}
	}
}
