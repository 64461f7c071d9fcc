package account

import (
	"fmt"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"

	"scriptsmanager/backend/domain"
)

// PasswordMinimum is the least length of a password, in characters.
const PasswordMinimum = 8

const (
	minimumPassword = PasswordMinimum
	maximumPassword = 72 // bytes: bcrypt ignores what is beyond
	defaultCost     = 12
)

// HashPassword makes what is stored of a password. It fails with
// CodePasswordShort (fewer than 8 characters) and CodePasswordLong (more than
// 72 bytes).
func HashPassword(password string) (string, error) { return hashPassword(password, defaultCost) }

func hashPassword(password string, cost int) (string, error) {
	if utf8.RuneCountInString(password) < minimumPassword {
		return "", domain.NewError(domain.CodePasswordShort, "minimum", minimumPassword)
	}
	if len(password) > maximumPassword {
		return "", domain.NewError(domain.CodePasswordLong, "maximum", maximumPassword)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return string(hash), nil
}
