package memory

// heritage is what a region has in common with others; guarded by Region.mu.
type heritage struct {
	image *image // of this region, for its next copies; may be nil
	// inherited is where the region shows the image of the one it was copied
	// from: content even where the region has no page of its own.
	inherited []span
}

// forget ends what was in common in s, since something else is there now.
func (h *heritage) forget(s span) {
	h.inherited = subtract(h.inherited, s)
	if h.image != nil && len(clip(h.image.extents, s)) > 0 {
		h.dropImage()
	}
}

func (h *heritage) dropImage() {
	h.image.close()
	h.image = nil
}

// size returns how much memory is kept for copies.
func (h *heritage) size() uint64 {
	if h.image == nil {
		return 0
	}
	return h.image.content
}

// An image is good enough for the next copy when a fourth of it differs from
// its source, and a small one always.
const (
	staleShare = 4
	staleBytes = 64 * hostPage
)

// copyPrivate makes the private ranges gaps of dst, which is zero, what they
// are in r; both locks are held.
func (r *Region) copyPrivate(dst *Region, gaps []span) (copied uint64, err error) {
	content, err := r.content(gaps)
	if err != nil {
		return 0, err
	}
	for _, gap := range gaps {
		content = append(content, clip(r.heritage.inherited, gap)...)
	}
	content = merge(content, 0)
	if len(content) == 0 {
		return 0, nil
	}
	made, err := r.refreshImage(content, gaps)
	if err != nil {
		return 0, err
	}
	img := r.heritage.image
	if err := img.mapInto(dst.arena); err != nil {
		return made, err
	}
	dst.heritage.inherited = img.extents
	changed := img.copyChanged(dst.arena.bytes(), r.arena.bytes(), content)
	if changed > max(staleBytes, img.content/staleShare) {
		r.heritage.dropImage()
	}
	return made + changed, nil
}

// refreshImage makes an image of r unless there is one that can serve for a
// copy of gaps, and returns how many bytes that took.
func (r *Region) refreshImage(content, gaps []span) (made uint64, err error) {
	h := &r.heritage
	if h.image != nil && h.image.end() > gaps[len(gaps)-1].end {
		h.dropImage() // it would show more than is to be copied
	}
	if h.image != nil {
		return 0, nil
	}
	if h.image, err = newImage(r.arena.bytes(), content, gaps); err != nil {
		return 0, err
	}
	return h.image.content, nil
}
