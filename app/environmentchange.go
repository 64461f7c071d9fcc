package app

import (
	"context"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Paths in the requests below are absolute and are of the machine that the
// engine runs on. Each method returns at once: the execution of kind
// environment that it gives tells by its events and its log how it goes on.

// EnvironmentCreateRequest says which environment to make.
type EnvironmentCreateRequest struct {
	Name          string   `json:"name"`
	Kind          string   `json:"kind,omitempty"`           // venv or conda; "": conda where there is one
	Tool          string   `json:"tool,omitempty"`           // conda, mamba or micromamba; "": the first that there is
	Python        string   `json:"python,omitempty"`         // a version; venv: an interpreter or an environment, too
	Packages      []string `json:"packages,omitempty"`       //
	Channels      []string `json:"channels,omitempty"`       // conda
	Requirements  string   `json:"requirements,omitempty"`   // venv: a requirements.txt
	OfflineFolder string   `json:"offline_folder,omitempty"` // of wheels, or a channel's: the network is not used
	// GroupID is the group that it is for: a name, its requirements.txt and Flask
	// where its scripts have pages are put in where they are not said, and once
	// the environment is whole, the group's scripts run in it.
	GroupID string `json:"group_id,omitempty"`
}

// EnvironmentChoicesRequest may name the group that an environment is to be for.
type EnvironmentChoicesRequest struct {
	GroupID string `json:"group_id,omitempty"`
}

// Choices tells what an environment can be made with: tools, Pythons, folders,
// and what a group needs. It fails with CodeNotFound.
func (n *Environments) Choices(ctx context.Context, r EnvironmentChoicesRequest) (engine.EnvironmentChoices, error) {
	w, err := n.c.require(ctx, "Environments.Choices")
	if err != nil {
		return engine.EnvironmentChoices{}, err
	}
	if r.GroupID != "" {
		if _, err := n.c.group(ctx, w, r.GroupID); err != nil {
			return engine.EnvironmentChoices{}, err
		}
	}
	return n.c.app.engine.EnvironmentChoices(ctx, r.GroupID)
}

// Create makes an environment. It fails with CodeEnvironmentName,
// CodeEnvironmentExists, CodeEnvironmentBusy, CodeCondaMissing, CodeInvalid,
// CodeNotFound or CodePythonMissing.
func (n *Environments) Create(ctx context.Context, r EnvironmentCreateRequest) (domain.Execution, error) {
	return n.change(ctx, "Environments.Create", engine.ChangeRequest{
		Action: domain.JobCreate, Name: r.Name, Kind: r.Kind, Tool: r.Tool, Python: r.Python,
		Packages: r.Packages, Channels: r.Channels, Requirements: r.Requirements, Offline: r.OfflineFolder,
	}, r.GroupID)
}

// EnvironmentImportRequest names a file to make an environment from: an
// environment.yml, an explicit list, a conda-pack archive or a requirements.txt.
type EnvironmentImportRequest struct {
	Name          string `json:"name"`
	File          string `json:"file"`
	Tool          string `json:"tool,omitempty"`
	Python        string `json:"python,omitempty"` // for a requirements.txt
	OfflineFolder string `json:"offline_folder,omitempty"`
}

// Import makes an environment from a file. It fails as Create does, and with
// CodeArchiveInvalid.
func (n *Environments) Import(ctx context.Context, r EnvironmentImportRequest) (domain.Execution, error) {
	return n.change(ctx, "Environments.Import", engine.ChangeRequest{
		Action: domain.JobImport, Name: r.Name, File: r.File, Tool: r.Tool, Python: r.Python, Offline: r.OfflineFolder,
	}, "")
}

// EnvironmentCloneRequest says which environment to copy.
type EnvironmentCloneRequest struct {
	Source        string `json:"source"` // path or name
	Name          string `json:"name"`
	Tool          string `json:"tool,omitempty"`
	OfflineFolder string `json:"offline_folder,omitempty"`
}

// Clone makes an environment as another one is. It fails as Create does.
func (n *Environments) Clone(ctx context.Context, r EnvironmentCloneRequest) (domain.Execution, error) {
	return n.change(ctx, "Environments.Clone", engine.ChangeRequest{
		Action: domain.JobClone, Name: r.Name, Source: r.Source, Tool: r.Tool, Offline: r.OfflineFolder,
	}, "")
}

// EnvironmentInstallRequest says what to install.
type EnvironmentInstallRequest struct {
	Environment   string   `json:"environment"` // path or name
	Packages      []string `json:"packages,omitempty"`
	Channels      []string `json:"channels,omitempty"`
	Requirements  string   `json:"requirements,omitempty"`
	OfflineFolder string   `json:"offline_folder,omitempty"`
}

// Install puts packages into an environment. It fails with CodeEnvironmentUnknown,
// CodeEnvironmentNames, CodeEnvironmentKept, CodeEnvironmentBusy,
// CodeCondaMissing or CodeInvalid.
func (n *Environments) Install(ctx context.Context, r EnvironmentInstallRequest) (domain.Execution, error) {
	return n.change(ctx, "Environments.Install", engine.ChangeRequest{
		Action: domain.JobInstall, Name: r.Environment, Packages: r.Packages, Channels: r.Channels,
		Requirements: r.Requirements, Offline: r.OfflineFolder,
	}, "")
}

// EnvironmentExportRequest says what to write out.
type EnvironmentExportRequest struct {
	Environment string `json:"environment"`      // path or name
	Format      string `json:"format,omitempty"` // full, from-history or explicit; "" is full
}

// Export writes out what is in an environment: the text is the execution's
// standard output, and, unless it is very long, "text" of its job's result,
// with "file_name" that it may be saved under.
func (n *Environments) Export(ctx context.Context, r EnvironmentExportRequest) (domain.Execution, error) {
	return n.change(ctx, "Environments.Export", engine.ChangeRequest{
		Action: domain.JobExport, Name: r.Environment, Format: r.Format,
	}, "")
}

// EnvironmentRemoveRequest says what to remove.
type EnvironmentRemoveRequest struct {
	Environment string `json:"environment"` // path or name
	Confirm     string `json:"confirm"`     // the environment's name, as the person typed it
	// ConfirmAssigned goes on where groups or scripts are to run in it: they keep
	// it as what they want, which then is missing.
	ConfirmAssigned bool `json:"confirm_assigned,omitempty"`
}

// Remove removes an environment for good. It fails with CodeEnvironmentUnknown,
// CodeEnvironmentNames, CodeEnvironmentTyped, CodeEnvironmentKept,
// CodeEnvironmentAssigned, CodeEnvironmentInUse or CodeEnvironmentBusy.
func (n *Environments) Remove(ctx context.Context, r EnvironmentRemoveRequest) (domain.Execution, error) {
	w, err := n.c.require(ctx, "Environments.Remove")
	if err != nil {
		return domain.Execution{}, err
	}
	if env, err := n.c.app.engine.FindEnvironment(ctx, r.Environment); err == nil && r.Confirm == env.Name && !r.ConfirmAssigned {
		if err := n.unassigned(ctx, w, env); err != nil {
			return domain.Execution{}, err
		}
	}
	return n.change(ctx, "Environments.Remove", engine.ChangeRequest{
		Action: domain.JobRemove, Name: r.Environment, Confirm: r.Confirm,
	}, "")
}

func (n *Environments) change(ctx context.Context, method string, q engine.ChangeRequest, groupID string) (domain.Execution, error) {
	w, err := n.c.requirePerson(ctx, method)
	if err != nil {
		return domain.Execution{}, err
	}
	if groupID != "" {
		if _, err := n.c.group(ctx, w, groupID); err != nil {
			return domain.Execution{}, err
		}
	}
	return n.c.app.engine.ChangeEnvironment(ctx, w.Actor, w.User, w.actor(), q, groupID)
}
