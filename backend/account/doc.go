// Package account knows who may do what: names, passwords and levels of
// accounts, signing in, and the policy of levels for scripts. It promises that
// an answer to a wrong sign-in tells neither by its text nor by its time
// whether the account exists, and that guessing is slowed down. It keeps no
// sessions and stores nothing itself.
package account
