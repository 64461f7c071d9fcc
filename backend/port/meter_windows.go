package port

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// connections gives those to the port. Windows counts their bytes only for
// administrators who switch that on, so they are blind.
func connections(port int) ([]flow, error) {
	var all []flow
	for _, family := range []uint32{windows.AF_INET, windows.AF_INET6} {
		table, err := tcpTable(family, ownerPIDAll)
		if err != nil {
			return nil, fmt.Errorf("ask for the connections of port %d: %w", port, err)
		}
		all = append(all, parseTableFlows(table, family == windows.AF_INET6, port)...)
	}
	return all, nil
}
