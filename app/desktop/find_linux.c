//go:build desktop && linux

// The search in a page.
#include "hooks_linux.h"

#include <gtk/gtk.h>
#include <stdio.h>
#include <string.h>
#include <webkit2/webkit2.h>

#include "_cgo_export.h"
#include "window_linux.h"

// Everything below runs on GTK's thread only.

static gboolean searching; // the controller keeps the text of a search that has ended
static char *find_script; // see find.js
static guint found_turn; // grows with each answer of the controller
static GtkWidget *find_bar, *find_entry, *find_label, *find_before, *find_after, *find_end;

static WebKitFindController *finder(void) { return webkit_web_view_get_find_controller(view()); }

static guint found; // as many places as the controller knows

// say_found tells which of the places is shown; 0 where that is not known.
static void say_found(guint number) {
    char *count = g_strdup_printf("%u", found), *said = say_with(number ? TEXT_FIND_POSITION : TEXT_FIND_COUNT, "count", count);
    if (number) {
        char *which = g_strdup_printf("%u", number), *both = put_in(said, "number", which);
        g_free(said);
        g_free(which);
        said = both;
    }
    gtk_label_set_text(GTK_LABEL(find_label), said);
    g_free(said);
    g_free(count);
}

static void on_position(GObject *v, GAsyncResult *result, gpointer data) {
    JSCValue *answer = webkit_web_view_call_async_javascript_function_finish(WEBKIT_WEB_VIEW(v), result, NULL);
    char *said = answer ? jsc_value_to_string(answer) : NULL;
    guint number = 0, count = 0;
    if (answer) g_object_unref(answer);
    // What was typed since is not answered yet. What the page is thought to show
    // need not be all that is searched: then only the count is told.
    if (find_bar && searching && said && GPOINTER_TO_UINT(data) == found_turn && sscanf(said, "%u/%u", &number, &count) == 2)
        say_found(count == found && number <= count ? number : 0);
    g_free(said);
}

static void on_found(WebKitFindController *controller, guint count, gpointer data) {
    if (!find_bar) return;
    // A step to another place tells of that one place only.
    found = MAX(found, count);
    found_turn++;
    // The controller does not tell which place it has come to, so the page is
    // asked, in a world of its own that no script of the page can reach.
    GVariantDict wanted;
    g_variant_dict_init(&wanted, NULL);
    g_variant_dict_insert(&wanted, "wanted", "s", webkit_find_controller_get_search_text(controller));
    webkit_web_view_call_async_javascript_function(view(), find_script, -1, g_variant_dict_end(&wanted), "scriptsmanager", NULL, NULL,
                                                   on_position, GUINT_TO_POINTER(found_turn));
}

static void on_not_found(WebKitFindController *controller, gpointer data) {
    found_turn++;
    if (find_bar) gtk_label_set_text(GTK_LABEL(find_label), say(TEXT_FIND_NONE));
}

// search looks for what stands in the field, and gives whether that is new.
static gboolean search(void) {
    const char *wanted = gtk_entry_get_text(GTK_ENTRY(find_entry)), *before = webkit_find_controller_get_search_text(finder());
    if (!*wanted) {
        searching = FALSE;
        found_turn++;
        webkit_find_controller_search_finish(finder());
        gtk_label_set_text(GTK_LABEL(find_label), "");
        return TRUE;
    }
    if (searching && before && !strcmp(before, wanted)) return FALSE;
    searching = TRUE;
    found = 0;
    webkit_find_controller_search(finder(), wanted, WEBKIT_FIND_OPTIONS_CASE_INSENSITIVE | WEBKIT_FIND_OPTIONS_WRAP_AROUND, G_MAXUINT);
    return TRUE;
}

int find_step(int forward) {
    if (!find_bar) return FALSE;
    if (search()) return TRUE;
    if (forward)
        webkit_find_controller_search_next(finder());
    else
        webkit_find_controller_search_previous(finder());
    return TRUE;
}

static void on_search(GtkWidget *widget, gpointer data) { search(); }
static void on_after(GtkWidget *widget, gpointer data) { find_step(TRUE); }
static void on_before(GtkWidget *widget, gpointer data) { find_step(FALSE); }

static gboolean on_find_key(GtkWidget *widget, GdkEventKey *event, gpointer data) {
    if ((event->keyval != GDK_KEY_Return && event->keyval != GDK_KEY_KP_Enter) || !(event->state & GDK_SHIFT_MASK)) return FALSE;
    find_step(FALSE);
    return TRUE;
}

static void on_find_end(GtkWidget *widget, gpointer data) {
    if (!find_bar) return;
    searching = FALSE;
    webkit_find_controller_search_finish(finder());
    gtk_widget_destroy(find_bar);
    find_bar = NULL;
    gtk_widget_grab_focus(GTK_WIDGET(view()));
}

void find_speak(void) {
    if (!find_bar) return;
    gtk_entry_set_placeholder_text(GTK_ENTRY(find_entry), say(TEXT_FIND));
    atk_object_set_name(gtk_widget_get_accessible(find_entry), say(TEXT_FIND));
    name_widget(find_before, say(TEXT_FIND_PREVIOUS));
    name_widget(find_after, say(TEXT_FIND_NEXT));
    name_widget(find_end, say(TEXT_CLOSE));
}

static void make_find(void) {
    static gboolean heard;
    if (!heard) {
        g_signal_connect(finder(), "found-text", G_CALLBACK(on_found), NULL);
        g_signal_connect(finder(), "failed-to-find-text", G_CALLBACK(on_not_found), NULL);
        heard = TRUE;
    }
    find_bar = bar_below();
    find_entry = gtk_search_entry_new();
    gtk_entry_set_width_chars(GTK_ENTRY(find_entry), 28);
    find_label = gtk_label_new(NULL);
    find_before = icon_button("go-up-symbolic", G_CALLBACK(on_before), NULL);
    find_after = icon_button("go-down-symbolic", G_CALLBACK(on_after), NULL);
    find_end = icon_button("window-close-symbolic", G_CALLBACK(on_find_end), NULL);
    g_signal_connect(find_entry, "search-changed", G_CALLBACK(on_search), NULL);
    g_signal_connect(find_entry, "activate", G_CALLBACK(on_after), NULL);
    g_signal_connect(find_entry, "next-match", G_CALLBACK(on_after), NULL);
    g_signal_connect(find_entry, "previous-match", G_CALLBACK(on_before), NULL);
    g_signal_connect(find_entry, "key-press-event", G_CALLBACK(on_find_key), NULL);
    g_signal_connect(find_entry, "stop-search", G_CALLBACK(on_find_end), NULL);
    GtkActionBar *bar = GTK_ACTION_BAR(find_bar);
    gtk_action_bar_pack_start(bar, find_entry);
    gtk_action_bar_pack_start(bar, find_before);
    gtk_action_bar_pack_start(bar, find_after);
    gtk_action_bar_pack_start(bar, find_label);
    gtk_action_bar_pack_end(bar, find_end);
    find_speak();
    gtk_widget_show_all(find_bar);
}

static gboolean do_find(gpointer data) {
    g_free(find_script);
    find_script = data;
    if (!around()) return G_SOURCE_REMOVE;
    if (!find_bar) make_find();
    gtk_widget_grab_focus(find_entry); // selects what stands there
    return G_SOURCE_REMOVE;
}

void window_find(const char *script) { g_idle_add(do_find, g_strdup(script)); }
