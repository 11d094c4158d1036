// Package page owns what the window shows around the plugins' views: the parts
// of the frame (list, header, offers, panel) and the pages (first run, settings,
// plugins, devices, invitations, help). Each part keeps its own widget state and
// speaks to the host through Backend only. It must not know app.Window, hosts,
// plugins' meanings or networks: it draws model values and plugin views.
package page
