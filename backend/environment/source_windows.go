package environment

import "context"

// sourced leaves activate.d/*.bat to be: PATH and the variables of packages
// and of the person are set without them.
func sourced(_ context.Context, _ string, environ []string) (after []string, ran bool, err error) {
	return environ, false, nil
}
