package platform

import (
	"net"
	"os/user"
	"runtime"
	"strconv"
)

// Account is an account of the operating system.
type Account struct {
	ID   string `json:"id"`   // the number of it, or Windows' SID; "": not known
	Name string `json:"name"` // as the system shows it
}

// OwnAccount gives the one that this process runs in.
func OwnAccount() Account {
	u, err := user.Current()
	if err != nil {
		return Account{}
	}
	return Account{ID: accountID(u.Uid), Name: u.Username}
}

// PeerAccount gives the one at the other end of a local connection, as the
// system says it; where it says nothing, the pipe has let in our own only.
func PeerAccount(c net.Conn) Account {
	uid, known := PeerUID(c)
	if !known {
		if runtime.GOOS == "windows" {
			return OwnAccount()
		}
		return Account{}
	}
	a := Account{ID: accountID(strconv.Itoa(uid)), Name: strconv.Itoa(uid)}
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		a.Name = u.Username
	}
	return a
}

// accountID tells the kinds of numbers apart: a root may move to another system.
func accountID(number string) string {
	if runtime.GOOS == "windows" {
		return "sid:" + number
	}
	return "uid:" + number
}
