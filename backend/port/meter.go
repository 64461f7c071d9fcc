package port

// Meter tells from outside whether a port is used: by the bytes that went over
// its connections, and by connections that came and went. It is for one
// goroutine at a time.
type Meter struct {
	port int
	seen map[connection]uint64
}

// connection is one that the system knows, or a rest of one.
type connection struct {
	id   uint64 // the system's own, where it has one
	ends [36]byte
	over bool // only the rest of it
}

// flow is a connection and what it carried.
type flow struct {
	connection
	bytes uint64
	blind bool // it stands, and what it carries is not told
}

// NewMeter makes a meter of a port, which looks at nothing yet.
func NewMeter(port int) *Meter { return &Meter{port: port} }

// Used tells whether the port was used since it was asked last; the first time
// it only looks. A connection of which the system does not tell the bytes is
// taken for use as long as it stands.
func (m *Meter) Used() (bool, error) {
	flows, err := connections(m.port)
	if err != nil {
		return false, err
	}
	first, used := m.seen == nil, false
	now := make(map[connection]uint64, len(flows))
	for _, f := range flows {
		before, known := m.seen[f.connection]
		used = used || !known || before != f.bytes || f.blind
		now[f.connection] = f.bytes
	}
	m.seen = now
	return used && !first, nil
}
