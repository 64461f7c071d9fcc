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

// parseTableFlows reads the same tables, of all connections: those to the port
// and, where they are over, those from it to elsewhere on this machine.
func parseTableFlows(b []byte, v6 bool, port int) []flow {
	// MIB_TCP_STATE: only what stands or stood for sure.
	const established, closeWait, timeWait = 5, 8, 11
	rowSize, localAt, remoteAt, stateAt, ends := 24, 8, 16, 0, [2]int{4, 20}
	if v6 {
		rowSize, localAt, remoteAt, stateAt, ends = 56, 20, 44, 48, [2]int{8, 44}
	}
	if len(b) < 4 {
		return nil
	}
	n := int(binary.LittleEndian.Uint32(b))
	b = b[4:]
	var flows []flow
	for ; n > 0 && len(b) >= rowSize; n-- {
		row := b[:rowSize]
		b = b[rowSize:]
		state := binary.LittleEndian.Uint32(row[stateAt:])
		local, remote := int(binary.BigEndian.Uint16(row[localAt:])), int(binary.BigEndian.Uint16(row[remoteAt:]))
		var f flow
		switch {
		case (state == established || state == closeWait) && local == port:
			f.blind = true
		case state == timeWait && (local == port || remote == port):
			f.over = true
		default:
			continue
		}
		copy(f.ends[:], row[ends[0]:ends[1]])
		copy(f.ends[32:], row[localAt:localAt+2])
		copy(f.ends[34:], row[remoteAt:remoteAt+2])
		flows = append(flows, f)
	}
	return flows
}
