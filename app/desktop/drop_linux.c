//go:build desktop && linux

// Files that are dragged into a page from another program. WebKitGTK gives a
// page none of them since 2.50.3: a list of files may have been written by a
// page, which could so name any file (CVE-2025-13947). Here only a list that
// comes from no page is taken; the files are read by us, and handed over.
#include "hooks_linux.h"

#include <gtk/gtk.h>
#include <string.h>
#include <webkit2/webkit2.h>

#include "_cgo_export.h"
#include "window_linux.h"

// Everything below runs on GTK's thread only.

static char *drop_script; // see drop.js; NULL where nothing may be dropped
static guint drops;       // that there were
static GtkWidget *missed_bar;

static const char files_target[] = "text/uri-list", drop_point[] = "scriptsmanager-drop";

enum { PIECE = 3 << 20 }; // bytes that are handed over at once

// drop is what was let go over a page, until the page has it.
struct drop {
    WebKitWebView *view;
    guint number; // by which the page knows it
    char **uris;
    int at;
    GInputStream *file; // the one that is being read
    double x, y;
    gboolean over; // the last of it has been told
    GString *missed; // names of what the page does not get
};

static void next_file(struct drop *d);
static void next_piece(struct drop *d);

static void drop_end(struct drop *d) {
    g_clear_object(&d->file);
    g_object_unref(d->view);
    g_strfreev(d->uris);
    g_string_free(d->missed, TRUE);
    g_free(d);
}

// miss notes that the page does not get what is at a place.
static void miss(struct drop *d, int at) {
    char *path = g_filename_from_uri(d->uris[at], NULL, NULL), *name = path ? g_filename_display_basename(path) : g_strdup(d->uris[at]);
    if (d->missed->len) g_string_append(d->missed, ", ");
    g_string_append(d->missed, name);
    g_free(path);
    g_free(name);
}

static void on_missed_close(GtkWidget *widget, gpointer data) { gtk_widget_destroy(missed_bar); }

// show_missed says below the page what it did not get.
static void show_missed(struct drop *d) {
    if (!d->missed->len || !around()) return;
    if (missed_bar) gtk_widget_destroy(missed_bar);
    missed_bar = bar_below();
    g_signal_connect(missed_bar, "destroy", G_CALLBACK(gtk_widget_destroyed), &missed_bar);
    char *said = say_with(TEXT_DROP_MISSED, "file", d->missed->str);
    GtkWidget *label = gtk_label_new(said), *end = icon_button("window-close-symbolic", G_CALLBACK(on_missed_close), NULL);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
    gtk_widget_set_tooltip_text(label, said);
    g_free(said);
    name_widget(end, say(TEXT_CLOSE));
    gtk_action_bar_pack_start(GTK_ACTION_BAR(missed_bar), label);
    gtk_action_bar_pack_end(GTK_ACTION_BAR(missed_bar), end);
    gtk_widget_show_all(missed_bar);
}

// page_like tells whether a target is offered by browsers for what a page drags.
static gboolean page_like(const char *target) {
    return !strcmp(target, "_NETSCAPE_URL") || !strcmp(target, "text/html") || g_str_has_prefix(target, "org.webkitgtk") ||
           g_str_has_prefix(target, "application/x-moz") || g_str_has_prefix(target, "chromium/");
}

// has_files tells whether a drag is one of files from another program that is no page's.
static gboolean has_files(GdkDragContext *context) {
    gboolean files = FALSE, page = gtk_drag_get_source_widget(context) != NULL;
    for (GList *i = gdk_drag_context_list_targets(context); i; i = i->next) {
        char *target = gdk_atom_name(GDK_POINTER_TO_ATOM(i->data));
        if (target && !strcmp(target, files_target)) files = TRUE;
        if (target && page_like(target)) page = TRUE;
        g_free(target);
    }
    return files && !page;
}

static void on_told(GObject *view, GAsyncResult *result, gpointer data) {
    struct drop *d = data;
    GError *error = NULL;
    JSCValue *answer = webkit_web_view_call_async_javascript_function_finish(WEBKIT_WEB_VIEW(view), result, &error);
    if (error) { // another page has come
        g_warning("dropped files are not handed over: %s", error->message);
        g_error_free(error);
        drop_end(d);
        return;
    }
    g_clear_object(&answer);
    if (d->over) {
        show_missed(d);
        drop_end(d);
    } else if (d->file) {
        next_piece(d);
    } else {
        next_file(d);
    }
}

static void tell(struct drop *d, const char *step, const char *piece, const char *name, const char *type, double modified) {
    GVariantDict what;
    g_variant_dict_init(&what, NULL);
    g_variant_dict_insert(&what, "step", "s", step);
    g_variant_dict_insert(&what, "number", "u", d->number);
    g_variant_dict_insert(&what, "piece", "s", piece);
    g_variant_dict_insert(&what, "name", "s", name);
    g_variant_dict_insert(&what, "type", "s", type);
    g_variant_dict_insert(&what, "modified", "d", modified);
    g_variant_dict_insert(&what, "x", "d", d->x);
    g_variant_dict_insert(&what, "y", "d", d->y);
    webkit_web_view_call_async_javascript_function(d->view, drop_script, -1, g_variant_dict_end(&what), "scriptsmanager", NULL, NULL, on_told, d);
}

// file_read tells that the file is whole.
static void file_read(struct drop *d) {
    GFile *file = g_file_new_for_uri(d->uris[d->at]);
    GFileInfo *info = g_file_query_info(file, G_FILE_ATTRIBUTE_STANDARD_CONTENT_TYPE "," G_FILE_ATTRIBUTE_TIME_MODIFIED, 0, NULL, NULL);
    const char *kind = info ? g_file_info_get_content_type(info) : NULL;
    char *path = g_file_get_path(file), *name = path ? g_filename_display_basename(path) : g_strdup(""), *type = kind ? g_content_type_get_mime_type(kind) : NULL;
    double modified = info ? 1000.0 * g_file_info_get_attribute_uint64(info, G_FILE_ATTRIBUTE_TIME_MODIFIED) : 0;
    g_clear_object(&d->file);
    d->at++;
    tell(d, "file", "", name, type ? type : "", modified);
    g_free(path);
    g_free(name);
    g_free(type);
    g_clear_object(&info);
    g_object_unref(file);
}

static void on_piece(GObject *file, GAsyncResult *result, gpointer data) {
    struct drop *d = data;
    GError *error = NULL;
    GBytes *bytes = g_input_stream_read_bytes_finish(G_INPUT_STREAM(file), result, &error);
    if (!bytes) {
        g_warning("a dropped file is not read: %s", error->message);
        g_error_free(error);
        g_clear_object(&d->file);
        d->over = TRUE; // half of what was dropped would pass for all of it
        g_string_truncate(d->missed, 0);
        for (int i = 0; d->uris[i]; i++) miss(d, i);
        tell(d, "given up", "", "", "", 0);
        return;
    }
    gsize size;
    const guchar *start = g_bytes_get_data(bytes, &size);
    if (size) {
        char *piece = g_base64_encode(start, size);
        tell(d, "piece", piece, "", "", 0);
        g_free(piece);
    } else {
        file_read(d);
    }
    g_bytes_unref(bytes);
}

static void next_piece(struct drop *d) { g_input_stream_read_bytes_async(d->file, PIECE, G_PRIORITY_DEFAULT, NULL, on_piece, d); }

static void next_file(struct drop *d) {
    for (; d->uris[d->at]; d->at++) {
        char *path = g_filename_from_uri(d->uris[d->at], NULL, NULL);
        // A folder is none, and a pipe might never end.
        gboolean whole = path && g_file_test(path, G_FILE_TEST_IS_REGULAR);
        GFile *file = whole ? g_file_new_for_path(path) : NULL;
        g_free(path);
        if (!file) {
            miss(d, d->at);
            continue;
        }
        GError *error = NULL;
        d->file = G_INPUT_STREAM(g_file_read(file, NULL, &error));
        g_object_unref(file);
        if (d->file) {
            next_piece(d);
            return;
        }
        g_warning("a dropped file is not opened: %s", error->message);
        miss(d, d->at);
        g_error_free(error);
    }
    d->over = TRUE;
    tell(d, "drop", "", "", "", 0);
}

static gboolean on_drop(GtkWidget *widget, GdkDragContext *context, gint x, gint y, guint time, gpointer data) {
    const char *address = webkit_web_view_get_uri(WEBKIT_WEB_VIEW(widget));
    if (!drop_script || !address || !g_str_has_prefix(address, "http") || !has_files(context)) return FALSE;
    int *point = g_new(int, 2);
    point[0] = x;
    point[1] = y;
    g_object_set_data_full(G_OBJECT(context), drop_point, point, g_free);
    gtk_drag_get_data(widget, context, gdk_atom_intern_static_string(files_target), time);
    return TRUE; // the web view does not hear of it
}

static void on_dropped(GtkWidget *widget, GdkDragContext *context, gint x, gint y, GtkSelectionData *selection, guint info, guint time, gpointer data) {
    int *point = g_object_get_data(G_OBJECT(context), drop_point);
    if (!point || gtk_selection_data_get_target(selection) != gdk_atom_intern_static_string(files_target)) return;
    g_signal_stop_emission_by_name(widget, "drag-data-received");
    struct drop *d = g_new0(struct drop, 1);
    d->view = g_object_ref(WEBKIT_WEB_VIEW(widget));
    d->number = ++drops;
    d->missed = g_string_new(NULL);
    double zoom = webkit_web_view_get_zoom_level(d->view);
    d->x = point[0] / zoom;
    d->y = point[1] / zoom;
    d->uris = gtk_selection_data_get_uris(selection);
    g_object_set_data(G_OBJECT(context), drop_point, NULL);
    gtk_drag_finish(context, d->uris != NULL, FALSE, time);
    if (d->uris)
        tell(d, "begin", "", "", "", 0);
    else
        drop_end(d);
}

void follow_drops(WebKitWebView *v) {
    g_signal_connect(v, "drag-drop", G_CALLBACK(on_drop), NULL);
    g_signal_connect(v, "drag-data-received", G_CALLBACK(on_dropped), NULL);
}

static gboolean do_take_drops(gpointer data) {
    g_free(drop_script);
    drop_script = data;
    return G_SOURCE_REMOVE;
}

void window_take_drops(const char *script) { g_idle_add(do_take_drops, g_strdup(script)); }
