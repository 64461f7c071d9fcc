//go:build !linux

package sandbox

import "errors"

// Supported tells whether there is any confinement on this system.
const Supported = false

// ErrNotFull says that the policy requires Full and the machine gives less.
var ErrNotFull = errors.New("the script cannot be confined as the policy requires")

// Guard is for systems that have one.
type Guard struct{}

// Serve has nothing to answer.
func (*Guard) Serve() {}

// Start calls start; nothing is confined on this system.
func Start(p Policy, start func() error) (r Report, guard *Guard, err error) {
	r.settle()
	if p.Mode == Require {
		return r, nil, ErrNotFull
	}
	return r, nil, start()
}

// Rehearse has nothing to do on this system.
func Rehearse() {}

// LastToKeep has nothing to do on this system.
func LastToKeep(int) error { return nil }

// NoCore has nothing to do on this system.
func NoCore() error { return nil }

// ABI is Landlock's version, which this system does not have.
func ABI() int { return 0 }

// Probe tells what this machine can enforce.
func Probe() Offer { return Offer{Level: None, Holds: []Part{}, Missing: Parts()} }

// Withheld tells nothing: no path is refused by confinement here.
func Withheld(string) bool { return false }
