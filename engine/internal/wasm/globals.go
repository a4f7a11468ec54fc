package wasm

func (p *plan) exportGlobals(opts Options) error {
	for _, name := range opts.ExportGlobals {
		index, err := p.m.global(name, p.names)
		if err != nil {
			return err
		}
		if err := p.addExport(name, GlobalKind, index); err != nil {
			return err
		}
	}
	return nil
}
