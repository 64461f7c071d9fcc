package archive

// withoutWaiting is of no need here.
const withoutWaiting = 0
