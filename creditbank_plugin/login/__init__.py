"""The log-in of the standalone application: users in a file of the data folder, one page, one button to leave.

Only `creditbank_plugin.standalone` opens it, and the command line keeps its users.  Where there is a host nothing of it is
there: who is logged in is then the host's to say.
"""
