package port

import "encoding/binary"

// parseTable reads what GetExtendedTcpTable of Windows gives: MIB_TCPTABLE_OWNER_PID (rows of 24 bytes: state, local
// address, local port, remote address, remote port, pid) or its IPv6 form
// (56 bytes: local address 16, scope, port, remote address 16, scope, port,
// state, pid). Ports stand in network order in the low half.
func parseTable(b []byte, v6 bool, port int) []int {
	rowSize, portAt, pidAt := 24, 8, 20
	if v6 {
		rowSize, portAt, pidAt = 56, 20, 52
	}
	if len(b) < 4 {
		return nil
	}
	n := int(binary.LittleEndian.Uint32(b))
	b = b[4:]
	var pids []int
	for ; n > 0 && len(b) >= rowSize; n-- {
		if int(binary.BigEndian.Uint16(b[portAt:])) == port {
			pids = append(pids, int(binary.LittleEndian.Uint32(b[pidAt:])))
		}
		b = b[rowSize:]
	}
	return pids
}
