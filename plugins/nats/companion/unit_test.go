package companion

import (
	"fmt"
	"os"
	"testing"
)

// TestPackagedServiceIsTheInstalledOne: a package brings the service that `serve
// install` writes, under the same name, so that one takes the place of the other.
func TestPackagedServiceIsTheInstalledOne(t *testing.T) {
	packaged, err := os.ReadFile("../../../deploy/" + unitName)
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf(unitText, quoted("/usr/bin/switchboard")+" serve"); string(packaged) != want {
		t.Errorf("the package brings\n%s\nand serve install writes\n%s", packaged, want)
	}
}
