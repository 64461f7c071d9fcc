//go:build desktop && linux

// What stands above and below a page: the warning, downloads. These are
// native, so that no page can touch them.
#include "hooks_linux.h"

#include <gtk/gtk.h>
#include <string.h>
#include <webkit2/webkit2.h>

#include "_cgo_export.h"
#include "window_linux.h"

// Everything below runs on GTK's thread only.

GtkBox *around(void) {
    GtkWidget *box = view() ? gtk_widget_get_parent(GTK_WIDGET(view())) : NULL;
    return box && GTK_IS_BOX(box) ? GTK_BOX(box) : NULL;
}

GtkWidget *bar_below(void) {
    GtkWidget *bar = gtk_action_bar_new();
    gtk_box_pack_end(around(), bar, FALSE, FALSE, 0);
    return bar;
}

GtkWidget *icon_button(const char *icon, GCallback pressed, gpointer data) {
    GtkWidget *button = gtk_button_new_from_icon_name(icon, GTK_ICON_SIZE_BUTTON);
    gtk_button_set_relief(GTK_BUTTON(button), GTK_RELIEF_NONE);
    g_signal_connect(button, "clicked", pressed, data);
    return button;
}

void name_widget(GtkWidget *widget, const char *name) {
    gtk_widget_set_tooltip_text(widget, name);
    atk_object_set_name(gtk_widget_get_accessible(widget), name);
}

// --- the warning above the page ---

static GtkWidget *bar, *bar_label, *bar_button;

static void on_bar(GtkInfoBar *b, gint response, gpointer data) { goKeep(owner); }

static void make_bar(GtkBox *box) {
    bar = gtk_info_bar_new();
    gtk_info_bar_set_message_type(GTK_INFO_BAR(bar), GTK_MESSAGE_WARNING);
    bar_label = gtk_label_new(NULL);
    gtk_label_set_line_wrap(GTK_LABEL(bar_label), TRUE);
    gtk_label_set_xalign(GTK_LABEL(bar_label), 0);
    gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(GTK_INFO_BAR(bar))), bar_label);
    bar_button = gtk_info_bar_add_button(GTK_INFO_BAR(bar), "", GTK_RESPONSE_OK);
    g_signal_connect(bar, "response", G_CALLBACK(on_bar), NULL);
    gtk_box_pack_start(box, bar, FALSE, FALSE, 0);
    gtk_box_reorder_child(box, bar, 0);
    gtk_widget_show_all(bar);
}

static gboolean do_warn(gpointer data) {
    char **texts = data;
    GtkBox *box = around();
    if (!*texts[0]) {
        if (bar) gtk_widget_destroy(bar);
        bar = NULL;
    } else if (box) {
        if (!bar) {
            make_bar(box);
            // Whoever does not look at this window is told that there is something.
            if (window() && !gtk_window_is_active(window())) gtk_window_set_urgency_hint(window(), TRUE);
        }
        gtk_label_set_text(GTK_LABEL(bar_label), texts[0]);
        gtk_button_set_label(GTK_BUTTON(bar_button), texts[1]);
    }
    if (!bar && window()) gtk_window_set_urgency_hint(window(), FALSE);
    g_free(texts[0]);
    g_free(texts[1]);
    g_free(texts);
    return G_SOURCE_REMOVE;
}

void window_warn(const char *text, const char *button) {
    char **texts = g_new0(char *, 2);
    texts[0] = g_strdup(text);
    texts[1] = g_strdup(button);
    g_idle_add(do_warn, texts);
}

// --- how far the script is, below the page ---

static GtkWidget *progress_bar, *progress_label, *progress_share;
static guint progress_pulse;

struct progress {
    char *text;
    double percent;
};

static gboolean on_pulse(gpointer data) {
    gtk_progress_bar_pulse(GTK_PROGRESS_BAR(progress_share));
    return G_SOURCE_CONTINUE;
}

static void make_progress(void) {
    progress_bar = bar_below();
    progress_label = gtk_label_new(NULL);
    gtk_label_set_ellipsize(GTK_LABEL(progress_label), PANGO_ELLIPSIZE_END);
    progress_share = gtk_progress_bar_new();
    gtk_progress_bar_set_show_text(GTK_PROGRESS_BAR(progress_share), TRUE);
    gtk_widget_set_size_request(progress_share, 220, -1);
    gtk_widget_set_valign(progress_share, GTK_ALIGN_CENTER);
    gtk_action_bar_pack_start(GTK_ACTION_BAR(progress_bar), progress_share);
    gtk_action_bar_pack_start(GTK_ACTION_BAR(progress_bar), progress_label);
    gtk_widget_show_all(progress_bar);
}

static gboolean do_progress(gpointer data) {
    struct progress *p = data;
    if (progress_pulse) g_source_remove(progress_pulse);
    progress_pulse = 0;
    if (p->percent < 0) {
        if (progress_bar) gtk_widget_destroy(progress_bar);
        progress_bar = NULL;
    } else if (around()) {
        if (!progress_bar) make_progress();
        gtk_label_set_text(GTK_LABEL(progress_label), p->text);
        char *said = p->percent > 0 ? g_strdup_printf("%.0f\302\240%%", p->percent) : g_strdup("");
        gtk_progress_bar_set_text(GTK_PROGRESS_BAR(progress_share), said);
        g_free(said);
        if (p->percent > 0)
            gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(progress_share), MIN(1, p->percent / 100));
        else
            progress_pulse = g_timeout_add(120, on_pulse, NULL);
    }
    g_free(p->text);
    g_free(p);
    return G_SOURCE_REMOVE;
}

void window_progress(const char *text, double percent) {
    struct progress *p = g_new0(struct progress, 1);
    p->text = g_strdup(text);
    p->percent = percent;
    g_idle_add(do_progress, p);
}

// --- downloads ---

// saving is one download, from the answer where to save it until its bar is closed.
struct saving {
    WebKitDownload *download;
    GtkWidget *bar, *label, *progress, *cancel, *show;
    char *path, *name;
    gboolean over;
};

static void on_bar_gone(GtkWidget *widget, gpointer data) {
    struct saving *s = data;
    g_signal_handlers_disconnect_by_data(s->download, s);
    if (!s->over) webkit_download_cancel(s->download);
    g_object_unref(s->download);
    g_free(s->path);
    g_free(s->name);
    g_free(s);
}

static void on_bar_close(GtkWidget *widget, gpointer data) { gtk_widget_destroy(((struct saving *)data)->bar); }

static void on_bar_show(GtkWidget *widget, gpointer data) {
    struct saving *s = data;
    goShowFile(owner, s->path);
    gtk_widget_destroy(s->bar);
}

static void on_received(WebKitDownload *download, guint64 length, gpointer data) {
    struct saving *s = data;
    guint64 have = webkit_download_get_received_data_length(download);
    WebKitURIResponse *response = webkit_download_get_response(download);
    guint64 whole = response ? webkit_uri_response_get_content_length(response) : 0;
    char *done = g_format_size(have), *all = whole ? g_format_size(whole) : NULL, *said = all ? g_strdup_printf("%s / %s", done, all) : g_strdup(done);
    gtk_progress_bar_set_text(GTK_PROGRESS_BAR(s->progress), said);
    if (whole)
        gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(s->progress), MIN(1, (double)have / whole));
    else
        gtk_progress_bar_pulse(GTK_PROGRESS_BAR(s->progress));
    g_free(done);
    g_free(all);
    g_free(said);
}

static void on_finished(WebKitDownload *download, gpointer data) {
    struct saving *s = data;
    if (s->over) return;
    s->over = TRUE;
    char *said = say_with(TEXT_SAVED, "file", s->name);
    gtk_label_set_text(GTK_LABEL(s->label), said);
    g_free(said);
    gtk_widget_hide(s->progress);
    gtk_widget_hide(s->cancel);
    gtk_widget_set_sensitive(s->show, TRUE);
}

static void on_download_failed(WebKitDownload *download, GError *error, gpointer data) {
    struct saving *s = data;
    s->over = TRUE; // what is finished next is the failure
    if (!g_error_matches(error, WEBKIT_DOWNLOAD_ERROR, WEBKIT_DOWNLOAD_ERROR_CANCELLED_BY_USER))
        goDownloadFailed(owner, error->message);
    gtk_widget_destroy(s->bar);
}

static void show_saving(WebKitDownload *download, const char *uri) {
    if (!around()) return;
    struct saving *s = g_new0(struct saving, 1);
    s->download = g_object_ref(download);
    s->path = g_filename_from_uri(uri, NULL, NULL);
    s->name = s->path ? g_path_get_basename(s->path) : g_strdup("");
    s->bar = bar_below();
    char *said = say_with(TEXT_SAVING, "file", s->name);
    s->label = gtk_label_new(said);
    g_free(said);
    gtk_label_set_ellipsize(GTK_LABEL(s->label), PANGO_ELLIPSIZE_MIDDLE);
    s->progress = gtk_progress_bar_new();
    gtk_progress_bar_set_show_text(GTK_PROGRESS_BAR(s->progress), TRUE);
    gtk_progress_bar_set_text(GTK_PROGRESS_BAR(s->progress), "");
    gtk_widget_set_valign(s->progress, GTK_ALIGN_CENTER);
    s->cancel = gtk_button_new_with_label(say(TEXT_CANCEL));
    g_signal_connect(s->cancel, "clicked", G_CALLBACK(on_bar_close), s);
    // It is there from the beginning, so that no button changes below the mouse.
    s->show = gtk_button_new_with_label(say(TEXT_SHOW_FILE));
    gtk_widget_set_sensitive(s->show, FALSE);
    g_signal_connect(s->show, "clicked", G_CALLBACK(on_bar_show), s);
    GtkWidget *end = icon_button("window-close-symbolic", G_CALLBACK(on_bar_close), s);
    name_widget(end, say(TEXT_CLOSE));
    gtk_action_bar_pack_start(GTK_ACTION_BAR(s->bar), s->label);
    gtk_action_bar_pack_start(GTK_ACTION_BAR(s->bar), s->progress);
    gtk_action_bar_pack_end(GTK_ACTION_BAR(s->bar), end);
    gtk_action_bar_pack_end(GTK_ACTION_BAR(s->bar), s->show);
    gtk_action_bar_pack_end(GTK_ACTION_BAR(s->bar), s->cancel);
    g_signal_connect(s->bar, "destroy", G_CALLBACK(on_bar_gone), s);
    g_signal_connect(download, "received-data", G_CALLBACK(on_received), s);
    g_signal_connect(download, "finished", G_CALLBACK(on_finished), s);
    g_signal_connect(download, "failed", G_CALLBACK(on_download_failed), s);
    gtk_widget_show_all(s->bar);
}

static void on_save(GtkDialog *dialog, gint response, gpointer data) {
    WebKitDownload *download = WEBKIT_DOWNLOAD(data);
    char *uri = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_uri(GTK_FILE_CHOOSER(dialog)) : NULL;
    if (uri) {
        webkit_download_set_allow_overwrite(download, TRUE); // the chooser has asked
        show_saving(download, uri);
        webkit_download_set_destination(download, uri);
        g_free(uri);
    } else {
        webkit_download_cancel(download);
    }
    gtk_widget_destroy(GTK_WIDGET(dialog));
    g_object_unref(download);
}

static gboolean on_destination(WebKitDownload *download, char *suggested, gpointer data) {
    GtkWidget *dialog = gtk_file_chooser_dialog_new(say(TEXT_SAVE_TITLE), window(), GTK_FILE_CHOOSER_ACTION_SAVE, say(TEXT_CANCEL),
                                                    GTK_RESPONSE_CANCEL, say(TEXT_SAVE), GTK_RESPONSE_ACCEPT, NULL);
    gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
    GtkFileChooser *chooser = GTK_FILE_CHOOSER(dialog);
    gtk_file_chooser_set_do_overwrite_confirmation(chooser, TRUE);
    const char *folder = g_get_user_special_dir(G_USER_DIRECTORY_DOWNLOAD);
    gtk_file_chooser_set_current_folder(chooser, folder ? folder : g_get_home_dir());
    char *name = g_path_get_basename(suggested && *suggested ? suggested : "download");
    gtk_file_chooser_set_current_name(chooser, name);
    g_free(name);
    g_signal_connect(dialog, "response", G_CALLBACK(on_save), g_object_ref(download));
    gtk_widget_show(dialog);
    return TRUE; // the destination comes with the answer
}

// What fails before it has a place to go to has no bar that could tell it.
static void on_early_failure(WebKitDownload *download, GError *error, gpointer data) {
    if (!webkit_download_get_destination(download) && !g_error_matches(error, WEBKIT_DOWNLOAD_ERROR, WEBKIT_DOWNLOAD_ERROR_CANCELLED_BY_USER))
        goDownloadFailed(owner, error->message);
}

static void on_download(WebKitWebContext *context, WebKitDownload *download, gpointer data) {
    g_signal_connect(download, "decide-destination", G_CALLBACK(on_destination), NULL);
    g_signal_connect(download, "failed", G_CALLBACK(on_early_failure), NULL);
}

void follow_downloads(WebKitWebContext *context) {
    g_signal_connect(context, "download-started", G_CALLBACK(on_download), NULL);
}

// --- a file in its folder ---

// The desktop's file manager marks the file; without one its folder is opened.
static void on_shown(GObject *bus, GAsyncResult *result, gpointer data) {
    GVariant *answer = bus ? g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result, NULL) : NULL;
    if (answer) {
        g_variant_unref(answer);
    } else {
        char *folder = g_path_get_dirname(data), *arguments[] = {"xdg-open", folder, NULL};
        g_spawn_async(NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL);
        g_free(folder);
    }
    g_free(data);
}

static void on_bus(GObject *source, GAsyncResult *result, gpointer data) {
    GDBusConnection *bus = g_bus_get_finish(result, NULL);
    char *uri = bus ? g_filename_to_uri(data, NULL, NULL) : NULL;
    if (!uri) {
        on_shown(NULL, NULL, data);
    } else {
        const char *files[] = {uri, NULL};
        g_dbus_connection_call(bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1", "org.freedesktop.FileManager1", "ShowItems",
                               g_variant_new("(^ass)", files, ""), NULL, G_DBUS_CALL_FLAGS_NONE, 5000, NULL, on_shown, data);
    }
    g_free(uri);
    if (bus) g_object_unref(bus);
}

static gboolean do_show_file(gpointer data) {
    g_bus_get(G_BUS_TYPE_SESSION, NULL, on_bus, data);
    return G_SOURCE_REMOVE;
}

void window_show_file(const char *path) { g_idle_add(do_show_file, g_strdup(path)); }
