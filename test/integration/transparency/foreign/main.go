// Reads a public log as stock tools do: golang.org/x/mod/sumdb/note and tlog. Nothing of jitsuin is in here.
//
//	foreign FOLDER KEY WITNESS INDEX…: head and tiles; each entry at INDEX is proved in the head; from every smaller tree
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (f folder) Height() int                     { return 8 }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		octets, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		all = append(all, octets)
	}
	return all, nil
}

// A witness's cosignature (C2SP tlog-cosignature) as a verifier of notes.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.id }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	time := binary.BigEndian.Uint64(signature[:8])
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(w.key, []byte(signed), signature[8:])
}

func must(err error) {
	if err != nil {
		fmt.Println("REFUSED:", err)
		os.Exit(1)
	}
}

func main() {
	at := folder(os.Args[1])
	log, err := note.NewVerifier(os.Args[2])
	must(err)
	parts := strings.SplitN(os.Args[3], "+", 3)
	id, err := strconv.ParseUint(parts[1], 16, 32)
	must(err)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	head, err := os.ReadFile(filepath.Join(string(at), "checkpoint"))
	must(err)
	opened, err := note.Open(head, note.VerifierList(log, witness{parts[0], uint32(id), key[1:]}))
	must(err)
	if len(opened.Sigs) != 2 {
		fmt.Println("REFUSED: signatures of log and witness:", len(opened.Sigs))
		os.Exit(1)
	}
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != log.Name() {
		fmt.Println("REFUSED: origin")
		os.Exit(1)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	tree := tlog.Tree{N: size, Hash: root}
	reader := tlog.TileHashReader(tree, at)
	for _, arg := range os.Args[4:] {
		index, err := strconv.ParseInt(arg, 10, 64)
		must(err)
		proof, err := tlog.ProveRecord(size, index, reader)
		must(err)
		must(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry(string(at), size, index))))
	}
	for smaller := int64(1); smaller <= size; smaller += 1 + size/20 {
		before, err := tlog.TreeHash(smaller, reader)
		must(err)
		proof, err := tlog.ProveTree(size, smaller, reader)
		must(err)
		must(tlog.CheckTree(proof, size, root, smaller, before))
	}
	fmt.Println("PROVED", size)
}

// An entry from its bundle: each has its length in two octets before it.
func entry(at string, size, index int64) []byte {
	tile := tlog.Tile{H: 8, L: 0, N: index / 256, W: 256}
	if left := size - tile.N*256; left < 256 {
		tile.W = int(left)
	}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	octets, err := os.ReadFile(filepath.Join(at, path))
	must(err)
	for skip := index % 256; skip > 0; skip-- {
		octets = octets[2+binary.BigEndian.Uint16(octets):]
	}
	return octets[2 : 2+binary.BigEndian.Uint16(octets)]
}
