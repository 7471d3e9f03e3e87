package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"wapas/desk"
)

// masterKeys are the keys in force. They come from WAPAS_KEY, from the file of
// WAPAS_KEY_FILE, or, for SQLite, from a file next to the database, which is
// made if the database is new. It is never made for a database that has secrets
// already: they were sealed under a key that somebody has.
func (c *config) masterKeys(fresh bool) (*desk.Keyring, error) {
	if text := c.value["key"]; text != "" {
		return ring(text, c.from["key"])
	}
	path := c.value["key-file"]
	made := false
	if path == "" {
		if path = keyFileBeside(c.sqlite()); path == "" {
			return nil, usagef(`a PostgreSQL database needs a master key to seal secrets with. Make one and keep it safe:
  (umask 077; head -c 32 /dev/urandom | base64 > wapas.key)
  export WAPAS_KEY_FILE=$PWD/wapas.key`)
		}
		made = fresh
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && made:
		text, err = makeKeyFile(path)
	case errors.Is(err, fs.ErrNotExist) && c.value["key-file"] == "":
		return nil, fmt.Errorf("the database has sealed secrets, but their key, %s, is missing: put it back, or say where it is with WAPAS_KEY_FILE or WAPAS_KEY", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the master key: %w", err)
	}
	return ring(string(text), path)
}

// keyFileBeside is where the key of a SQLite database is kept: wapas.key for
// wapas.db.
func keyFileBeside(db string) string {
	if db == "" || db == ":memory:" {
		return ""
	}
	return strings.TrimSuffix(db, filepath.Ext(db)) + ".key"
}

// makeKeyFile makes a new key that only its owner can read. Another process may
// have been faster: then its key is the key.
func makeKeyFile(path string) ([]byte, error) {
	key := make([]byte, desk.MasterKeySize)
	rand.Read(key) // never fails: it would end the program
	text := []byte(base64.StdEncoding.EncodeToString(key) + "\n")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	_, err = f.Write(text)
	return text, errors.Join(err, f.Sync(), f.Close())
}

// ring reads keys with commas or line ends between them; the first one seals.
func ring(text, from string) (*desk.Keyring, error) {
	var keys [][]byte
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		word = strings.TrimSpace(word)
		key, err := hex.DecodeString(word)
		if err != nil {
			key, err = base64.StdEncoding.DecodeString(word)
		}
		if err != nil || len(key) != desk.MasterKeySize {
			return nil, usagef("%s does not hold a master key: it must be %d bytes as hex or base64 (try: head -c 32 /dev/urandom | base64)", from, desk.MasterKeySize)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, usagef("%s holds no master key (try: head -c 32 /dev/urandom | base64)", from)
	}
	return desk.NewKeyring(keys...)
}
