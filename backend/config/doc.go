// Package config reads config.json and the environment variables that override
// it. It promises that every key is optional, that a wrong key or value is told
// with the file, the key and what is allowed, and that nothing wrong stops the
// start: the default is used for that key. It reads no environment by itself
// (the program's main gives it in) and writes nothing.
package config
