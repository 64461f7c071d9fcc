// Makes the windows of an unchanged program drivable by WebKitWebDriver, by
// LD_PRELOAD. Each process of the program that opens a window gets a port of
// its own for WebKit's inspector and tells it in the file <folder>/<pid>.
//
// It is built without WebKit's libraries: they are there in the processes that
// it is for, and are not to be loaded into all others that inherit LD_PRELOAD.
//
//   gcc -shared -fPIC -Wl,-z,lazy -o automation.so automation.c $(pkg-config --cflags webkit2gtk-4.1)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <webkit2/webkit2.h>

static WebKitWebView *the_view;

// told writes what a native part of a window says, a line each, into the file
// <folder>/<pid>.said.
static void told(const char *text) {
    const char *folder = getenv("DESKTOP_E2E_FOLDER");
    char name[4200];
    if (!folder || !text || !*text) return;
    snprintf(name, sizeof name, "%s/%d.said", folder, getpid());
    FILE *file = fopen(name, "a");
    if (!file) return;
    fprintf(file, "%s\n", text);
    fclose(file);
}

void gtk_label_set_text(GtkLabel *label, const char *text) {
    void (*real)(GtkLabel *, const char *) = (void (*)(GtkLabel *, const char *))dlsym(RTLD_NEXT, "gtk_label_set_text");
    told(text);
    real(label, text);
}

void gtk_progress_bar_set_text(GtkProgressBar *bar, const char *text) {
    void (*real)(GtkProgressBar *, const char *) = (void (*)(GtkProgressBar *, const char *))dlsym(RTLD_NEXT, "gtk_progress_bar_set_text");
    told(text);
    real(bar, text);
}

static int viewer; // this process shows one script's window

__attribute__((constructor)) static void announce(int count, char **arguments) {
    viewer = count > 1 && !strcmp(arguments[1], "viewer");
    const char *folder = getenv("DESKTOP_E2E_FOLDER"), *program = getenv("DESKTOP_E2E_PROGRAM");
    char self[4096] = {0};
    if (!folder || !program || readlink("/proc/self/exe", self, sizeof self - 1) < 0 || strcmp(self, program)) return;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int got = bind(s, (void *)&address, length) || getsockname(s, (void *)&address, &length);
    close(s);
    if (got) return;
    char value[64], temporary[4200], final[4200];
    snprintf(value, sizeof value, "127.0.0.1:%d", ntohs(address.sin_port));
    setenv("WEBKIT_INSPECTOR_SERVER", value, 1);
    snprintf(temporary, sizeof temporary, "%s/.%d", folder, getpid());
    snprintf(final, sizeof final, "%s/%d", folder, getpid());
    FILE *file = fopen(temporary, "w");
    if (!file) return;
    fputs(value, file);
    fclose(file);
    rename(temporary, final);
}

static WebKitWebView *on_create(WebKitAutomationSession *session, gpointer data) { return the_view; }

static void on_started(WebKitWebContext *context, WebKitAutomationSession *session, gpointer data) {
    WebKitApplicationInfo *info = webkit_application_info_new();
    webkit_application_info_set_name(info, "desktop-e2e");
    webkit_application_info_set_version(info, 1, 0, 0);
    webkit_automation_session_set_application_info(session, info);
    webkit_application_info_unref(info);
    g_signal_connect(session, "create-web-view", G_CALLBACK(on_create), NULL);
}

GtkWidget *webkit_web_view_new_with_user_content_manager(WebKitUserContentManager *manager) {
    WebKitWebContext *context = webkit_web_context_get_default();
    webkit_web_context_set_automation_allowed(context, TRUE);
    g_signal_connect(context, "automation-started", G_CALLBACK(on_started), NULL);
    if (getenv("DESKTOP_E2E_UNDRIVEN") && viewer) return g_object_new(WEBKIT_TYPE_WEB_VIEW, "user-content-manager", manager, NULL);
    the_view = g_object_new(WEBKIT_TYPE_WEB_VIEW, "user-content-manager", manager, "is-controlled-by-automation", TRUE, NULL);
    return GTK_WIDGET(the_view);
}
