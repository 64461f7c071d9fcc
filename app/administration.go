package app

import (
	"context"

	"scriptsmanager/backend/engine"
)

// DataUse tells administrators what users and projects take on the disk, and
// clears what may be cleared (SPEC ADM-6).
type DataUse struct{ c *Client }

// Get gives the last measurement, and how far one is that runs.
func (d *DataUse) Get(ctx context.Context) (engine.DataUse, error) {
	if _, err := d.c.require(ctx, "DataUse.Get"); err != nil {
		return engine.DataUse{}, err
	}
	return d.c.app.engine.DataUse(), nil
}

// Measure begins to measure, in the background; events tell how it goes on.
func (d *DataUse) Measure(ctx context.Context) (engine.DataUse, error) {
	if _, err := d.c.require(ctx, "DataUse.Measure"); err != nil {
		return engine.DataUse{}, err
	}
	d.c.app.engine.MeasureData(ctx)
	return d.c.app.engine.DataUse(), nil
}

// Clear removes data or caches of a project or user, or the logs of a user. It
// fails as engine.ClearDataUse.
func (d *DataUse) Clear(ctx context.Context, r engine.ClearRequest) (engine.Size, error) {
	w, err := d.c.require(ctx, "DataUse.Clear")
	if err != nil {
		return engine.Size{}, err
	}
	return d.c.app.engine.ClearDataUse(ctx, w.Actor, r)
}

// Discovery shows administrators what was found in the groups' folders, and
// what is wrong there (SPEC ADM-6, DIS-8).
type Discovery struct{ c *Client }

// Get gives the problems of all groups, and when they were looked at.
func (d *Discovery) Get(ctx context.Context) (engine.DiscoveryStatus, error) {
	if _, err := d.c.require(ctx, "Discovery.Get"); err != nil {
		return engine.DiscoveryStatus{}, err
	}
	return d.c.app.engine.DiscoveryStatus(ctx)
}

// Refresh looks at all groups' folders again; Get tells meanwhile how far that is.
func (d *Discovery) Refresh(ctx context.Context) (engine.DiscoveryStatus, error) {
	if _, err := d.c.require(ctx, "Discovery.Refresh"); err != nil {
		return engine.DiscoveryStatus{}, err
	}
	if err := d.c.app.engine.Rescan(ctx); err != nil {
		return engine.DiscoveryStatus{}, err
	}
	return d.c.app.engine.DiscoveryStatus(ctx)
}

// SystemLogs shows administrators the product's own logs.
type SystemLogs struct{ c *Client }

// Read gives lines of a log. It fails with CodeNotFound.
func (s *SystemLogs) Read(ctx context.Context, r engine.SystemLogRequest) (engine.SystemLogPage, error) {
	if _, err := s.c.require(ctx, "SystemLogs.Read"); err != nil {
		return engine.SystemLogPage{}, err
	}
	return s.c.app.engine.ReadSystemLog(r)
}

// SystemLogName names a log of the product.
type SystemLogName struct {
	File string `json:"file"` // application, error or access
}

// SystemLogFile is a log as it is, or a zip of it and of those before it.
type SystemLogFile struct {
	Name string `json:"name"`
	Data []byte `json:"data"` // in JSON as base64
}

// Export gives a log as it is, with those before it as a zip. It is recorded. It fails with CodeNotFound.
func (s *SystemLogs) Export(ctx context.Context, r SystemLogName) (SystemLogFile, error) {
	w, err := s.c.require(ctx, "SystemLogs.Export")
	if err != nil {
		return SystemLogFile{}, err
	}
	name, data, err := s.c.app.engine.ExportSystemLog(ctx, w.Actor, r.File)
	return SystemLogFile{Name: name, Data: data}, err
}
