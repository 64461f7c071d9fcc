//go:build desktop && linux

#include "hooks_linux.h"

#include <gtk/gtk.h>
#include <string.h>
#include <webkit2/webkit2.h>

#include "_cgo_export.h"

// Everything below runs on GTK's thread only.
static uintptr_t owner;          // the Go side of this process's one window
static WebKitWebView *main_view;
static char *expected;           // the address of a load that we started
static char *save_title, *save_label, *cancel_label;
static int sealed;

int display_ready(void) {
    // As Wails does it, so that both come to the same backend: X11 unless the
    // session says otherwise.
    const char *session = g_getenv("XDG_SESSION_TYPE");
    if (!g_getenv("GDK_BACKEND") && (!session || !*session || !strcmp(session, "x11") || !strcmp(session, "unspecified")))
        g_setenv("GDK_BACKEND", "x11", TRUE);
    // Without a render node, or with NVIDIA's own driver, WebKit's DMA-BUF
    // renderer leaves the window white.
    if (!g_file_test("/dev/dri/renderD128", G_FILE_TEST_EXISTS) || g_file_test("/proc/driver/nvidia/version", G_FILE_TEST_EXISTS))
        g_setenv("WEBKIT_DISABLE_DMABUF_RENDERER", "1", FALSE);
    return gtk_init_check(NULL, NULL);
}

int display_room(int *width, int *height) {
    GdkDisplay *display = gdk_display_get_default();
    GdkMonitor *monitor = display ? gdk_display_get_primary_monitor(display) : NULL;
    if (display && !monitor) monitor = gdk_display_get_monitor(display, 0);
    if (!monitor) return 0;
    GdkRectangle area;
    gdk_monitor_get_workarea(monitor, &area);
    *width = area.width;
    *height = area.height;
    return 1;
}

static WebKitWebView *find_view(GtkWidget *widget) {
    if (WEBKIT_IS_WEB_VIEW(widget)) return WEBKIT_WEB_VIEW(widget);
    if (!GTK_IS_CONTAINER(widget)) return NULL;
    WebKitWebView *found = NULL;
    GList *children = gtk_container_get_children(GTK_CONTAINER(widget));
    for (GList *i = children; i && !found; i = i->next) found = find_view(GTK_WIDGET(i->data));
    g_list_free(children);
    return found;
}

static WebKitWebView *view(void) {
    if (main_view) return main_view;
    GList *windows = gtk_window_list_toplevels();
    for (GList *i = windows; i && !main_view; i = i->next) main_view = find_view(GTK_WIDGET(i->data));
    g_list_free(windows);
    return main_view;
}

static GtkWindow *window(void) {
    GtkWidget *top = view() ? gtk_widget_get_toplevel(GTK_WIDGET(main_view)) : NULL;
    return top && GTK_IS_WINDOW(top) ? GTK_WINDOW(top) : NULL;
}

// seal takes from the page what Wails gave it: the way to post messages to the
// process, and any script that runs in each page.
static void seal(void) {
    WebKitUserContentManager *content = webkit_web_view_get_user_content_manager(view());
    webkit_user_content_manager_unregister_script_message_handler(content, "external");
    webkit_user_content_manager_remove_all_scripts(content);
    sealed = 1;
}

static void hook_view(WebKitWebView *v);

// --- what may be shown ---

static int decide(const char *address, int flags) {
    if (!address) return DECISION_REFUSE;
    if (expected && !(flags & ASK_BACK) && !strcmp(expected, address)) flags |= ASK_OURS;
    return goDecide(owner, (char *)address, flags);
}

static gboolean on_decide(WebKitWebView *v, WebKitPolicyDecision *policy, WebKitPolicyDecisionType type, gpointer data) {
    int answer, flags = 0;
    const char *address;
    if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE) {
        WebKitResponsePolicyDecision *response = WEBKIT_RESPONSE_POLICY_DECISION(policy);
        WebKitURIResponse *what = webkit_response_policy_decision_get_response(response);
        address = webkit_uri_response_get_uri(what);
        flags = ASK_RESPONSE;
        SoupMessageHeaders *headers = webkit_uri_response_get_http_headers(what);
        char *disposition = NULL;
        if (headers && soup_message_headers_get_content_disposition(headers, &disposition, NULL)) {
            if (!g_ascii_strcasecmp(disposition, "attachment")) flags |= ASK_ATTACHMENT;
            g_free(disposition);
        }
        if (!webkit_response_policy_decision_is_mime_type_supported(response)) flags |= ASK_ATTACHMENT;
    } else {
        WebKitNavigationAction *action =
            webkit_navigation_policy_decision_get_navigation_action(WEBKIT_NAVIGATION_POLICY_DECISION(policy));
        address = webkit_uri_request_get_uri(webkit_navigation_action_get_request(action));
        if (webkit_navigation_action_is_user_gesture(action)) flags |= ASK_GESTURE;
        if (webkit_navigation_action_get_navigation_type(action) == WEBKIT_NAVIGATION_TYPE_BACK_FORWARD) flags |= ASK_BACK;
    }
    answer = decide(address, flags);
    switch (answer) {
    case DECISION_ALLOW:
        webkit_policy_decision_use(policy);
        break;
    case DECISION_DOWNLOAD:
        webkit_policy_decision_download(policy);
        break;
    default:
        webkit_policy_decision_ignore(policy);
    }
    if (answer == DECISION_EXTERNAL) goExternal(owner, (char *)address);
    return TRUE;
}

// --- new windows ---

static void on_popup_title(WebKitWebView *v, GParamSpec *spec, gpointer top) {
    const char *title = webkit_web_view_get_title(v);
    gtk_window_set_title(GTK_WINDOW(top), title && *title ? title : gtk_window_get_title(window()));
}

static void on_popup_ready(WebKitWebView *v, gpointer top) { gtk_widget_show_all(GTK_WIDGET(top)); }

static GtkWidget *on_create(WebKitWebView *v, WebKitNavigationAction *action, gpointer data) {
    const char *address = webkit_uri_request_get_uri(webkit_navigation_action_get_request(action));
    if (address && *address && decide(address, 0) != DECISION_ALLOW) return NULL;
    GtkWidget *child = g_object_new(WEBKIT_TYPE_WEB_VIEW, "related-view", v, "settings", webkit_web_view_get_settings(v), NULL);
    GtkWidget *top = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    gtk_window_set_default_size(GTK_WINDOW(top), 900, 640);
    gtk_window_set_icon(GTK_WINDOW(top), gtk_window_get_icon(window()));
    gtk_window_set_title(GTK_WINDOW(top), gtk_window_get_title(window()));
    gtk_container_add(GTK_CONTAINER(top), child);
    g_signal_connect(child, "notify::title", G_CALLBACK(on_popup_title), top);
    g_signal_connect(child, "ready-to-show", G_CALLBACK(on_popup_ready), top);
    g_signal_connect_swapped(child, "close", G_CALLBACK(gtk_widget_destroy), top);
    hook_view(WEBKIT_WEB_VIEW(child));
    return child;
}

// --- failures ---

static void on_terminated(WebKitWebView *v, WebKitWebProcessTerminationReason reason, gpointer data) {
    if (v == main_view && reason != WEBKIT_WEB_PROCESS_TERMINATED_BY_API) goFailed(owner, 1, "");
}

static gboolean on_load_failed(WebKitWebView *v, WebKitLoadEvent event, char *address, GError *error, gpointer data) {
    // Loads that were replaced by another one, or that policy refused or
    // turned into a download, are not failures.
    if (v != main_view || g_error_matches(error, WEBKIT_NETWORK_ERROR, WEBKIT_NETWORK_ERROR_CANCELLED) ||
        error->domain == WEBKIT_POLICY_ERROR || error->domain == WEBKIT_PLUGIN_ERROR)
        return FALSE;
    return goFailed(owner, 0, address) != 0;
}

// --- downloads ---

static void on_save(GtkDialog *dialog, gint response, gpointer data) {
    WebKitDownload *download = WEBKIT_DOWNLOAD(data);
    char *uri = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_uri(GTK_FILE_CHOOSER(dialog)) : NULL;
    if (uri) {
        webkit_download_set_allow_overwrite(download, TRUE); // the chooser has asked
        webkit_download_set_destination(download, uri);
        g_free(uri);
    } else {
        webkit_download_cancel(download);
    }
    gtk_widget_destroy(GTK_WIDGET(dialog));
    g_object_unref(download);
}

static gboolean on_destination(WebKitDownload *download, char *suggested, gpointer data) {
    GtkWidget *dialog = gtk_file_chooser_dialog_new(save_title, window(), GTK_FILE_CHOOSER_ACTION_SAVE, cancel_label,
                                                    GTK_RESPONSE_CANCEL, save_label, GTK_RESPONSE_ACCEPT, NULL);
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

static void on_download_failed(WebKitDownload *download, GError *error, gpointer data) {
    if (!g_error_matches(error, WEBKIT_DOWNLOAD_ERROR, WEBKIT_DOWNLOAD_ERROR_CANCELLED_BY_USER))
        goDownloadFailed(owner, error->message);
}

static void on_download(WebKitWebContext *context, WebKitDownload *download, gpointer data) {
    g_signal_connect(download, "decide-destination", G_CALLBACK(on_destination), NULL);
    g_signal_connect(download, "failed", G_CALLBACK(on_download_failed), NULL);
}

// --- keys that a menu cannot have twice ---

static gboolean on_key(GtkWidget *widget, GdkEventKey *event, gpointer data) {
    if ((event->state & (GDK_CONTROL_MASK | GDK_MOD1_MASK)) != GDK_CONTROL_MASK) return FALSE;
    switch (event->keyval) {
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
        window_zoom(1.1);
        return TRUE;
    case GDK_KEY_KP_Subtract:
        window_zoom(1 / 1.1);
        return TRUE;
    case GDK_KEY_KP_0:
        window_zoom(0);
        return TRUE;
    }
    return FALSE;
}

// --- input ---

static gint64 input_told; // when Go was told last, in microseconds

// A page that is used is told of now and then: it is for a limit of minutes.
static gboolean on_input(GtkWidget *widget, GdkEvent *event, gpointer data) {
    switch (gdk_event_get_event_type(event)) {
    case GDK_MOTION_NOTIFY:
    case GDK_BUTTON_PRESS:
    case GDK_KEY_PRESS:
    case GDK_SCROLL:
    case GDK_TOUCH_BEGIN:
        if (g_get_monotonic_time() - input_told > 5 * G_USEC_PER_SEC) {
            input_told = g_get_monotonic_time();
            goInput(owner);
        }
        break;
    default:
        break;
    }
    return FALSE;
}

static void hook_view(WebKitWebView *v) {
    g_signal_connect(v, "event", G_CALLBACK(on_input), NULL);
    g_signal_connect(v, "decide-policy", G_CALLBACK(on_decide), NULL);
    g_signal_connect(v, "create", G_CALLBACK(on_create), NULL);
    g_signal_connect(v, "web-process-terminated", G_CALLBACK(on_terminated), NULL);
    g_signal_connect(v, "load-failed", G_CALLBACK(on_load_failed), NULL);
}

// --- light or dark ---

static void set_look(int look) {
    GtkSettings *settings = gtk_settings_get_default();
    if (look == LOOK_SYSTEM)
        gtk_settings_reset_property(settings, "gtk-application-prefer-dark-theme");
    else
        g_object_set(settings, "gtk-application-prefer-dark-theme", look == LOOK_DARK, NULL);
}

static gboolean do_look(gpointer data) {
    set_look(GPOINTER_TO_INT(data));
    return G_SOURCE_REMOVE;
}

void window_look(int look) { g_idle_add(do_look, GINT_TO_POINTER(look)); }

struct hook { uintptr_t handle; int seal, dark; };

static gboolean do_hook(gpointer data) {
    struct hook *h = data;
    owner = h->handle;
    if (h->dark) set_look(LOOK_DARK);
    if (view()) {
        hook_view(main_view);
        g_signal_connect(webkit_web_view_get_context(main_view), "download-started", G_CALLBACK(on_download), NULL);
        if (h->seal) {
            seal();
            g_signal_connect(window(), "key-press-event", G_CALLBACK(on_key), NULL);
        }
    }
    goHooked(owner, main_view != NULL);
    g_free(h);
    return G_SOURCE_REMOVE;
}

void window_hook(uintptr_t handle, int seal, int dark) {
    struct hook *h = g_new0(struct hook, 1);
    h->handle = handle;
    h->seal = seal;
    h->dark = dark;
    g_idle_add(do_hook, h);
}

// --- commands ---

struct load { char *address; int seal; };

static gboolean do_load(gpointer data) {
    struct load *l = data;
    if (view()) {
        if (l->seal && !sealed) seal();
        g_free(expected);
        expected = g_strdup(l->address);
        webkit_web_view_load_uri(main_view, l->address);
    }
    g_free(l->address);
    g_free(l);
    return G_SOURCE_REMOVE;
}

void window_load(const char *address, int seal) {
    struct load *l = g_new0(struct load, 1);
    l->address = g_strdup(address);
    l->seal = seal;
    g_idle_add(do_load, l);
}

static gboolean do_reload(gpointer data) {
    if (view()) webkit_web_view_reload(main_view);
    return G_SOURCE_REMOVE;
}

void window_reload(void) { g_idle_add(do_reload, NULL); }

static gboolean do_step(gpointer data) {
    if (!view()) return G_SOURCE_REMOVE;
    if (GPOINTER_TO_INT(data))
        webkit_web_view_go_forward(main_view);
    else
        webkit_web_view_go_back(main_view);
    return G_SOURCE_REMOVE;
}

void window_step(int forward) { g_idle_add(do_step, GINT_TO_POINTER(forward)); }

static gboolean do_zoom(gpointer data) {
    double factor = *(double *)data;
    g_free(data);
    if (!view()) return G_SOURCE_REMOVE;
    double level = factor == 0 ? 1 : webkit_web_view_get_zoom_level(main_view) * factor;
    webkit_web_view_set_zoom_level(main_view, CLAMP(level, 0.3, 5));
    return G_SOURCE_REMOVE;
}

void window_zoom(double factor) {
    double *data = g_new(double, 1);
    *data = factor;
    g_idle_add(do_zoom, data);
}

static gboolean do_texts(gpointer data) {
    char **texts = data;
    g_free(save_title);
    g_free(save_label);
    g_free(cancel_label);
    save_title = texts[0];
    save_label = texts[1];
    cancel_label = texts[2];
    g_free(texts);
    return G_SOURCE_REMOVE;
}

void window_texts(const char *title, const char *save, const char *cancel) {
    char **texts = g_new0(char *, 3);
    texts[0] = g_strdup(title);
    texts[1] = g_strdup(save);
    texts[2] = g_strdup(cancel);
    g_idle_add(do_texts, texts);
}

// --- the warning above the page ---

static GtkWidget *bar, *bar_label, *bar_button;

static void on_bar(GtkInfoBar *b, gint response, gpointer data) { goKeep(owner); }

static void make_bar(GtkWidget *box) {
    bar = gtk_info_bar_new();
    gtk_info_bar_set_message_type(GTK_INFO_BAR(bar), GTK_MESSAGE_WARNING);
    bar_label = gtk_label_new(NULL);
    gtk_label_set_line_wrap(GTK_LABEL(bar_label), TRUE);
    gtk_label_set_xalign(GTK_LABEL(bar_label), 0);
    gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(GTK_INFO_BAR(bar))), bar_label);
    bar_button = gtk_info_bar_add_button(GTK_INFO_BAR(bar), "", GTK_RESPONSE_OK);
    g_signal_connect(bar, "response", G_CALLBACK(on_bar), NULL);
    gtk_box_pack_start(GTK_BOX(box), bar, FALSE, FALSE, 0);
    gtk_box_reorder_child(GTK_BOX(box), bar, 0);
    gtk_widget_show_all(bar);
}

static gboolean do_warn(gpointer data) {
    char **texts = data;
    GtkWidget *box = view() ? gtk_widget_get_parent(GTK_WIDGET(main_view)) : NULL;
    if (!*texts[0]) {
        if (bar) gtk_widget_destroy(bar);
        bar = NULL;
    } else if (box && GTK_IS_BOX(box)) {
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

// --- questions ---

struct question { uintptr_t answer; char *title, *text, *yes, *no; };

static void on_answer(GtkDialog *dialog, gint response, gpointer data) {
    goAnswer((uintptr_t)data, response == GTK_RESPONSE_YES);
    gtk_widget_destroy(GTK_WIDGET(dialog));
}

static gboolean do_ask(gpointer data) {
    struct question *q = data;
    GtkWidget *dialog = gtk_message_dialog_new(window(), GTK_DIALOG_MODAL, GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s", q->title);
    gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), "%s", q->text);
    gtk_window_set_title(GTK_WINDOW(dialog), q->title);
    if (*q->no) gtk_dialog_add_button(GTK_DIALOG(dialog), q->no, GTK_RESPONSE_NO);
    gtk_dialog_add_button(GTK_DIALOG(dialog), q->yes, GTK_RESPONSE_YES);
    gtk_dialog_set_default_response(GTK_DIALOG(dialog), *q->no ? GTK_RESPONSE_NO : GTK_RESPONSE_YES);
    g_signal_connect(dialog, "response", G_CALLBACK(on_answer), (gpointer)q->answer);
    gtk_widget_show(dialog);
    gtk_window_present(GTK_WINDOW(dialog));
    g_free(q->title);
    g_free(q->text);
    g_free(q->yes);
    g_free(q->no);
    g_free(q);
    return G_SOURCE_REMOVE;
}

void window_ask(uintptr_t answer, const char *title, const char *text, const char *yes, const char *no) {
    struct question *q = g_new0(struct question, 1);
    q->answer = answer;
    q->title = g_strdup(title);
    q->text = g_strdup(text);
    q->yes = g_strdup(yes);
    q->no = g_strdup(no);
    g_idle_add(do_ask, q);
}
