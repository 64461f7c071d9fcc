//go:build desktop && linux

#include "hooks_linux.h"

#include <gtk/gtk.h>
#include <string.h>
#include <webkit2/webkit2.h>

#include "_cgo_export.h"
#include "window_linux.h"

// Everything below runs on GTK's thread only.
uintptr_t owner; // the Go side of this process's one window
static WebKitWebView *main_view;
static char *expected; // the address of a load that we started
static char *texts[TEXT_COUNT];
static int sealed;

const char *say(int which) { return texts[which] ? texts[which] : ""; }

char *put_in(const char *text, const char *name, const char *value) {
    char *mark = g_strdup_printf("{{.%s}}", name), **parts = g_strsplit(text, mark, -1), *said = g_strjoinv(value, parts);
    g_strfreev(parts);
    g_free(mark);
    return said;
}

char *say_with(int which, const char *name, const char *value) { return put_in(say(which), name, value); }

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

int display_areas(int *sides, int most) {
    GdkDisplay *display = gdk_display_get_default();
    int count = display ? MIN(gdk_display_get_n_monitors(display), most) : 0;
    for (int i = 0; i < count; i++) {
        GdkRectangle area;
        gdk_monitor_get_workarea(gdk_display_get_monitor(display, i), &area);
        memcpy(sides + 4 * i, (int[]){area.x, area.y, area.width, area.height}, 4 * sizeof(int));
    }
    return count;
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

WebKitWebView *view(void) {
    if (main_view) return main_view;
    GList *windows = gtk_window_list_toplevels();
    for (GList *i = windows; i && !main_view; i = i->next) main_view = find_view(GTK_WIDGET(i->data));
    g_list_free(windows);
    return main_view;
}

GtkWindow *window(void) {
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

// --- what pages ask leave for ---

// The clipboard's content, the place, camera and microphone, notifications: a
// page gets none of them. Pasting by key or menu needs no leave.
static gboolean on_permission(WebKitWebView *v, WebKitPermissionRequest *request, gpointer data) {
    webkit_permission_request_deny(request);
    return TRUE;
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

// --- keys that a menu cannot have twice ---

static gboolean on_key(GtkWidget *widget, GdkEventKey *event, gpointer data) {
    if (event->keyval == GDK_KEY_F3) return find_step(!(event->state & GDK_SHIFT_MASK));
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

// --- the ground below a page ---

static guint ground_timer;

static gboolean on_painted(gpointer data) {
    ground_timer = 0;
    goPainted(owner);
    return G_SOURCE_REMOVE;
}

// Whether what is heard of loads is not yet about the one that we asked for
// last: our own first page still tells of its end while a script's is asked for.
static enum { LOAD_FOLLOWED, LOAD_ASKED, LOAD_BEGUN } load;

static void ground_wait(void) {
    if (ground_timer) g_source_remove(ground_timer);
    ground_timer = 0;
}

// What is seen while a page has come and not painted yet is ours, so that a
// dark desk sees no white flash. A page that takes longer is not held up.
static void on_load(WebKitWebView *v, WebKitLoadEvent event, gpointer data) {
    const char *address = webkit_web_view_get_uri(v);
    switch (event) {
    case WEBKIT_LOAD_STARTED:
        if (load == LOAD_ASKED) load = LOAD_BEGUN;
        return;
    case WEBKIT_LOAD_COMMITTED:
        if (load == LOAD_BEGUN) load = LOAD_FOLLOWED;
        break;
    case WEBKIT_LOAD_FINISHED:
        break;
    default:
        return;
    }
    if (load != LOAD_FOLLOWED || !address || g_str_has_prefix(address, "wails:")) return;
    ground_wait();
    ground_timer = g_timeout_add(event == WEBKIT_LOAD_FINISHED ? 0 : 250, on_painted, NULL);
}

static void hook_view(WebKitWebView *v) {
    g_signal_connect(v, "event", G_CALLBACK(on_input), NULL);
    g_signal_connect(v, "decide-policy", G_CALLBACK(on_decide), NULL);
    g_signal_connect(v, "create", G_CALLBACK(on_create), NULL);
    g_signal_connect(v, "web-process-terminated", G_CALLBACK(on_terminated), NULL);
    g_signal_connect(v, "load-failed", G_CALLBACK(on_load_failed), NULL);
    g_signal_connect(v, "permission-request", G_CALLBACK(on_permission), NULL);
    follow_drops(v);
}

// --- place and size ---

static int place[5]; // x, y, width, height, maximised; the first four of when it was not
static guint place_timer;

static gboolean on_settled(gpointer data) {
    place_timer = 0;
    goPlaced(owner, place[0], place[1], place[2], place[3], place[4]);
    return G_SOURCE_REMOVE;
}

// A window that is moved tells hundreds of times where it is.
static gboolean on_configure(GtkWidget *widget, GdkEvent *event, gpointer data) {
    place[4] = gtk_window_is_maximized(GTK_WINDOW(widget));
    if (!place[4]) {
        gtk_window_get_position(GTK_WINDOW(widget), &place[0], &place[1]);
        gtk_window_get_size(GTK_WINDOW(widget), &place[2], &place[3]);
    }
    if (place_timer) g_source_remove(place_timer);
    place_timer = g_timeout_add(300, on_settled, NULL);
    return FALSE;
}

// The close button comes before the rest of the time has passed.
static gboolean on_top_event(GtkWidget *widget, GdkEvent *event, gpointer data) {
    if (gdk_event_get_event_type(event) == GDK_DELETE && place_timer) {
        g_source_remove(place_timer);
        on_settled(NULL);
    }
    return FALSE;
}

static gboolean do_place(gpointer data) {
    int *p = data;
    if (window()) {
        if (p[2] > 0) gtk_window_move(window(), p[0], p[1]);
        if (p[4]) gtk_window_maximize(window());
        g_signal_connect(window(), "configure-event", G_CALLBACK(on_configure), NULL);
        g_signal_connect(window(), "event", G_CALLBACK(on_top_event), NULL);
        // What is maximised from the start has no other place of its own yet.
        memcpy(place, p, sizeof place);
    }
    g_free(p);
    return G_SOURCE_REMOVE;
}

// After Wails has put the window into the middle, which it does by the same
// queue at the usual priority.
void window_place(int x, int y, int width, int height, int maximised) {
    int *p = g_new(int, 5);
    memcpy(p, (int[]){x, y, width, height, maximised}, 5 * sizeof(int));
    g_idle_add_full(G_PRIORITY_LOW, do_place, p, NULL);
}

// --- the menu's language ---

static void relabel(GtkWidget *widget, gpointer data) {
    char ***next = data;
    if (GTK_IS_SEPARATOR_MENU_ITEM(widget) || !**next) return;
    gtk_menu_item_set_label(GTK_MENU_ITEM(widget), *(*next)++);
    GtkWidget *below = gtk_menu_item_get_submenu(GTK_MENU_ITEM(widget));
    if (below) gtk_container_foreach(GTK_CONTAINER(below), relabel, data);
}

static void find_menu(GtkWidget *widget, gpointer data) {
    if (GTK_IS_MENU_BAR(widget))
        gtk_container_foreach(GTK_CONTAINER(widget), relabel, data);
    else if (GTK_IS_BOX(widget))
        gtk_container_foreach(GTK_CONTAINER(widget), find_menu, data);
}

static gboolean do_menu(gpointer data) {
    char **labels = data, **next = labels;
    if (window()) gtk_container_foreach(GTK_CONTAINER(window()), find_menu, &next);
    g_strfreev(labels);
    return G_SOURCE_REMOVE;
}

void window_menu(const char **labels, int count) {
    char **copy = g_new0(char *, count + 1);
    for (int i = 0; i < count; i++) copy[i] = g_strdup(labels[i]);
    g_idle_add(do_menu, copy);
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

struct hook { uintptr_t handle; int seal; };

static gboolean do_hook(gpointer data) {
    struct hook *h = data;
    owner = h->handle;
    if (view()) {
        hook_view(main_view);
        g_signal_connect(main_view, "load-changed", G_CALLBACK(on_load), NULL);
        follow_downloads(webkit_web_view_get_context(main_view));
        if (h->seal) {
            seal();
            g_signal_connect(window(), "key-press-event", G_CALLBACK(on_key), NULL);
        }
    }
    goHooked(owner, main_view != NULL);
    g_free(h);
    return G_SOURCE_REMOVE;
}

void window_hook(uintptr_t handle, int seal) {
    struct hook *h = g_new0(struct hook, 1);
    h->handle = handle;
    h->seal = seal;
    g_idle_add(do_hook, h);
}

// --- commands ---

struct wanted { char *address; int seal; };

static gboolean do_load(gpointer data) {
    struct wanted *l = data;
    if (view()) {
        if (l->seal && !sealed) seal();
        g_free(expected);
        expected = g_strdup(l->address);
        load = LOAD_ASKED;
        ground_wait();
        webkit_web_view_load_uri(main_view, l->address);
    }
    g_free(l->address);
    g_free(l);
    return G_SOURCE_REMOVE;
}

void window_load(const char *address, int seal) {
    struct wanted *l = g_new0(struct wanted, 1);
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
    char **all = data;
    for (int i = 0; i < TEXT_COUNT; i++) {
        g_free(texts[i]);
        texts[i] = all[i];
    }
    g_free(all);
    find_speak();
    return G_SOURCE_REMOVE;
}

void window_texts(const char **all) {
    char **copy = g_new0(char *, TEXT_COUNT);
    for (int i = 0; i < TEXT_COUNT; i++) copy[i] = g_strdup(all[i]);
    g_idle_add(do_texts, copy);
}

static gboolean do_print(gpointer data) {
    if (!view()) return G_SOURCE_REMOVE;
    WebKitPrintOperation *print = webkit_print_operation_new(main_view);
    webkit_print_operation_run_dialog(print, window());
    g_object_unref(print);
    return G_SOURCE_REMOVE;
}

void window_print(void) { g_idle_add(do_print, NULL); }

// --- questions ---

struct question { uintptr_t answer; char *title, *text, **labels; };

static void on_answer(GtkDialog *dialog, gint response, gpointer data) {
    goAnswer((uintptr_t)data, response);
    gtk_widget_destroy(GTK_WIDGET(dialog));
}

static gboolean do_ask(gpointer data) {
    struct question *q = data;
    GtkWidget *dialog = gtk_message_dialog_new(window(), GTK_DIALOG_MODAL, GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s", q->title);
    gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), "%s", q->text);
    gtk_window_set_title(GTK_WINDOW(dialog), q->title);
    int count = g_strv_length(q->labels);
    for (int i = count - 1; i >= 0; i--) gtk_dialog_add_button(GTK_DIALOG(dialog), q->labels[i], i);
    gtk_dialog_set_default_response(GTK_DIALOG(dialog), count - 1);
    g_signal_connect(dialog, "response", G_CALLBACK(on_answer), (gpointer)q->answer);
    gtk_widget_show(dialog);
    gtk_window_present(GTK_WINDOW(dialog));
    g_free(q->title);
    g_free(q->text);
    g_strfreev(q->labels);
    g_free(q);
    return G_SOURCE_REMOVE;
}

void window_ask(uintptr_t answer, const char *title, const char *text, const char **labels, int count) {
    struct question *q = g_new0(struct question, 1);
    q->answer = answer;
    q->title = g_strdup(title);
    q->text = g_strdup(text);
    q->labels = g_new0(char *, count + 1);
    for (int i = 0; i < count; i++) q->labels[i] = g_strdup(labels[i]);
    g_idle_add(do_ask, q);
}
