package health

import "golang.org/x/sys/windows/registry"

// webView2 is the id under which Edge's updater notes the WebView2 runtime
// (Microsoft, "Detect if a WebView2 Runtime is already installed").
const webView2 = `Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}`

func window(in Input) []Finding {
	for _, place := range []struct {
		hive registry.Key
		path string
	}{
		{registry.LOCAL_MACHINE, `SOFTWARE\WOW6432Node\` + webView2},
		{registry.LOCAL_MACHINE, `SOFTWARE\` + webView2},
		{registry.CURRENT_USER, `Software\` + webView2},
	} {
		key, err := registry.OpenKey(place.hive, place.path, registry.QUERY_VALUE)
		if err != nil {
			continue
		}
		version, _, err := key.GetStringValue("pv")
		_ = key.Close() // read only
		if err == nil && version != "" && version != "0.0.0.0" {
			return variant("webkit", OK, "webview2", map[string]any{"version": version})
		}
	}
	return variant("webkit", lacking(in), "webview2_missing", nil)
}

// display: a process of a signed-in person always has one.
func display(Input) []Finding { return nil }
