package catalog

import "errors"

func scaffold(name, dir string) error { return errors.ErrUnsupported }
