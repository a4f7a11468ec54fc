package main

import (
	"archive/tar"
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// entry is a file or directory of an archive. Only its content and whether it can be executed come from the disk.
type entry struct {
	name string // with slashes, the archive's top directory first
	file string // on disk; "" for a directory
	mode fs.FileMode
	size int64
}

// entries lists the directory in lexical order, itself first.
func entries(dir string) (all []entry, err error) {
	files := 0
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		e := entry{name: path.Join(filepath.Base(dir), filepath.ToSlash(below)), mode: 0o755}
		if !d.IsDir() {
			if e, err = regular(e.name, file, d); err != nil {
				return err
			}
			files++
		}
		all = append(all, e)
		return nil
	})
	if err == nil && files == 0 {
		err = fmt.Errorf("directory %q has no files to put into an archive", dir)
	}
	return all, err
}

func regular(name, file string, d fs.DirEntry) (entry, error) {
	info, err := d.Info()
	if err != nil {
		return entry{}, err
	}
	if !info.Mode().IsRegular() {
		return entry{}, fmt.Errorf("%q is no regular file: archives hold no others", file)
	}
	mode := fs.FileMode(0o644)
	if info.Mode()&0o111 != 0 || path.Ext(name) == ".exe" {
		mode = 0o755
	}
	return entry{name, file, mode, info.Size()}, nil
}

// writeArchive writes the directory into the file target, whose name says which kind of archive it becomes.
func writeArchive(target, dir string, when time.Time) (err error) {
	write := writeTarGz
	if !strings.HasSuffix(target, ".tar.gz") {
		write = writeZip
		if path.Ext(target) != ".zip" {
			return fmt.Errorf("archive %q: the name ends neither in .tar.gz nor in .zip", target)
		}
	}
	all, err := entries(dir)
	if err != nil {
		return err
	}
	f, err := os.Create(target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := write(f, all, when); err != nil {
		return fmt.Errorf("write archive %q: %w", target, err)
	}
	return nil
}

func writeTarGz(w io.Writer, all []entry, when time.Time) error {
	compressed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	for _, e := range all {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: e.name, Mode: int64(e.mode), Size: e.size, ModTime: when, Uname: "root", Gname: "root"}
		if e.file == "" {
			header.Typeflag, header.Name = tar.TypeDir, e.name+"/"
		}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if err := e.copyTo(archive); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), compressed.Close())
}

func writeZip(w io.Writer, all []entry, when time.Time) error {
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, e := range all {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: when}
		header.SetMode(e.mode)
		if e.file == "" {
			header.Name, header.Method = e.name+"/", zip.Store
			header.SetMode(e.mode | fs.ModeDir)
		}
		member, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if err := e.copyTo(member); err != nil {
			return err
		}
	}
	return archive.Close()
}

// copyTo writes the content of the file.
func (e entry) copyTo(w io.Writer) error {
	if e.file == "" {
		return nil
	}
	f, err := os.Open(e.file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// writeSums prints the SHA-256 sums of the files of a directory as sha256sum does, which can check them.
func writeSums(w io.Writer, dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("directory %q has no files to make checksums of", dir)
	}
	for _, file := range files {
		sum := sha256.New()
		if err := (entry{file: filepath.Join(dir, file.Name())}).copyTo(sum); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%x  %s\n", sum.Sum(nil), file.Name()); err != nil {
			return err
		}
	}
	return nil
}
