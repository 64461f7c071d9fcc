// drag FILE... opens a window from which these files can be dragged, as from a
// file manager, or, with --page before them, as from a page in a browser. It
// says on its output when it is shown, and when a drag begins and ends.
//
//   gcc -o drag drag.c $(pkg-config --cflags --libs gtk+-3.0)
#include <gtk/gtk.h>
#include <stdio.h>
#include <string.h>

static char **uris;

static void on_data(GtkWidget *widget, GdkDragContext *context, GtkSelectionData *data, guint info, guint time, gpointer nothing) {
    if (info)
        gtk_selection_data_set(data, gtk_selection_data_get_target(data), 8, (const guchar *)uris[0], strlen(uris[0]));
    else
        gtk_selection_data_set_uris(data, uris);
}

static void on_begin(GtkWidget *widget, GdkDragContext *context, gpointer nothing) {
    puts("begun");
    fflush(stdout);
}

static void on_end(GtkWidget *widget, GdkDragContext *context, gpointer nothing) {
    puts("ended");
    fflush(stdout);
}

static gboolean on_map(GtkWidget *widget, GdkEvent *event, gpointer nothing) {
    puts("shown");
    fflush(stdout);
    return FALSE;
}

int main(int count, char **files) {
    gtk_init(&count, &files);
    int page = count > 1 && !strcmp(files[1], "--page");
    uris = g_new0(char *, count);
    for (int i = 1 + page; i < count; i++) uris[i - 1 - page] = g_filename_to_uri(files[i], NULL, NULL);
    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL), *box = gtk_event_box_new();
    gtk_window_set_title(GTK_WINDOW(window), "Files");
    gtk_window_set_default_size(GTK_WINDOW(window), 200, 100);
    gtk_container_add(GTK_CONTAINER(box), gtk_label_new("Drag me"));
    gtk_container_add(GTK_CONTAINER(window), box);
    gtk_drag_source_set(box, GDK_BUTTON1_MASK, NULL, 0, GDK_ACTION_COPY);
    gtk_drag_source_add_uri_targets(box);
    if (page) {
        GtkTargetList *targets = gtk_drag_source_get_target_list(box);
        gtk_target_list_add(targets, gdk_atom_intern("_NETSCAPE_URL", FALSE), 0, 1);
    }
    g_signal_connect(box, "drag-data-get", G_CALLBACK(on_data), NULL);
    g_signal_connect(box, "drag-begin", G_CALLBACK(on_begin), NULL);
    g_signal_connect(box, "drag-end", G_CALLBACK(on_end), NULL);
    g_signal_connect_after(window, "map-event", G_CALLBACK(on_map), NULL);
    g_signal_connect(window, "destroy", G_CALLBACK(gtk_main_quit), NULL);
    gtk_widget_show_all(window);
    gtk_main();
}
