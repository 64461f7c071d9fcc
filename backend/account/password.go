package account

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/text/unicode/norm"

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
	if err := checkLength(password); err != nil {
		return "", err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return string(hash), nil
}

func checkLength(password string) error {
	if utf8.RuneCountInString(password) < minimumPassword {
		return domain.NewError(domain.CodePasswordShort, "minimum", minimumPassword)
	}
	if len(password) > maximumPassword {
		return domain.NewError(domain.CodePasswordLong, "maximum", maximumPassword)
	}
	return nil
}

// CheckPassword tells whether a password may be chosen by whom the words name:
// the account, the person, the address. It fails with CodePasswordShort,
// CodePasswordLong, and CodePasswordCommon for what is guessed first.
func CheckPassword(password string, about ...string) error {
	if err := checkLength(password); err != nil {
		return err
	}
	if guessedFirst(password, about) {
		return domain.NewError(domain.CodePasswordCommon)
	}
	return nil
}

//go:embed common.txt
var commonText string

var commonWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if word := strings.TrimSpace(line); word != "" && word[0] != '#' {
			words[norm.NFC.String(word)] = true
		}
	}
	return words
})

// keyboards are rows along which fingers go, and the orders of letters and digits.
var keyboards = []string{
	"qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "abcdefghijklmnopqrstuvwxyz",
	"01234567890123456789", "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1a2z3e4r5t6y7u8i9o0p", "qawsedrftgyhujikolp",
}

// disguises are the signs that stand for letters in what people take for a secret.
var disguises = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")

func guessedFirst(password string, about []string) bool {
	lower := norm.NFC.String(strings.ToLower(password))
	if repeats(lower) {
		return true
	}
	notLetter := func(r rune) bool { return !unicode.IsLetter(r) }
	// As it is, and without what is put around a word.
	word := strings.TrimFunc(lower, notLetter)
	forms := []string{lower, word, disguises.Replace(lower), disguises.Replace(word), strings.TrimFunc(disguises.Replace(strings.TrimRightFunc(lower, notLetter)), notLetter)}
	words := commonWords()
	for _, form := range forms {
		if words[form] || words[strings.ReplaceAll(form, " ", "")] {
			return true
		}
	}
	for _, row := range keyboards {
		if strings.Contains(row, lower) || strings.Contains(backwards(row), lower) {
			return true
		}
	}
	for _, a := range about {
		address, _, _ := strings.Cut(norm.NFC.String(strings.ToLower(a)), "@")
		if own := letters(address); own != "" && slices.ContainsFunc(forms, func(form string) bool { return letters(form) == own }) {
			return true
		}
	}
	return false
}

// letters are those of a text, without what stands between them.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return r
	}, text)
}

// repeats tells whether a text is one short piece, again and again.
func repeats(text string) bool {
	runes := []rune(text)
	for size := 1; size <= 4 && 2*size <= len(runes); size++ {
		same := true
		for i := size; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-size]
		}
		if same {
			return true
		}
	}
	return false
}

func backwards(text string) string {
	runes := []rune(text)
	slices.Reverse(runes)
	return string(runes)
}
