package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"time"
)

//go:embed assets
var assetFiles embed.FS

// assets are the files that pages ask for: a style, a script, pictures. Their
// address holds their hash, so that a browser never asks twice and never shows
// an old one.
type assets struct {
	files map[string][]byte
	hash  string
}

func readAssets() *assets {
	a := &assets{files: map[string][]byte{}}
	h := sha256.New()
	all, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		panic(err) // they are part of the program
	}
	for _, f := range all {
		data, err := assetFiles.ReadFile("assets/" + f.Name())
		if err != nil {
			panic(err)
		}
		a.files[f.Name()] = data
		h.Write(data)
	}
	a.hash = hex.EncodeToString(h.Sum(nil))[:12]
	return a
}

// address is where a file is.
func (a *assets) address(name string) string { return Base + "/assets/" + a.hash + "/" + name }

func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	data, ok := a.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}
