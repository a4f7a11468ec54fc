package engine

import (
	"encoding/json"
	"fmt"
	"os"
)

// Manifest describes a runtime; it is manifest.json in its directory and in the archive.
type Manifest struct {
	Format     int    `json:"format"`
	PostgreSQL string `json:"postgresql"` // the full version, such as 18.6
	Key        string `json:"key"`        // names the inputs it was made of
	Source     struct {
		Package string `json:"package"`
		File    string `json:"file"`
		SHA256  string `json:"sha256"`
	} `json:"source"`
	Compiler  []string          `json:"compiler"`
	Libraries []string          `json:"libraries"`
	Modules   map[string]string `json:"modules"` // file name to SHA-256
}

// ReadManifest reads a manifest file.
func ReadManifest(name string) (Manifest, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return Manifest{}, fmt.Errorf("read the runtime's manifest: %w", err)
	}
	return ParseManifest(b)
}

// ParseManifest reads a manifest's text.
func ParseManifest(b []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("read the runtime's manifest: %w", err)
	}
	if m.Format != 1 || m.PostgreSQL == "" {
		return m, fmt.Errorf("the runtime's manifest has format %d, this pglite reads format 1: use the runtime that "+
			"belongs to it", m.Format)
	}
	return m, nil
}
