package port

// refused tells whether browsers and web views open no page on a port, because
// a well-known protocol of another kind has it: the window would stay empty
// without a word. The list is that of the Fetch standard ("bad port"), from
// 1024 on. https://fetch.spec.whatwg.org/#port-blocking
func refused(port int) bool {
	switch port {
	case 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566,
		6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080:
		return true
	}
	return false
}
