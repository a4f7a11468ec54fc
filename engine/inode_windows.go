package engine

import "os"

func inodeOf(*os.Root) uint64 { return 0 }
