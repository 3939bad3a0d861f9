; The installer of Windows, by Inno Setup 6: for one person, without an administrator. Read by build.py.
; Two versions lie beside each other; settings are in the person's own folders and stay when it is removed.
[Setup]
AppId=CN-Planner-{#Version}
AppName=CN Planner
AppVersion={#Version}
AppVerName=CN Planner {#Version}
DefaultDirName={autopf}\CN Planner {#Version}
DefaultGroupName=CN Planner
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
OutputBaseFilename=cn-planner-{#Version}-setup
SetupIconFile={#Made}\cn-planner.ico
UninstallDisplayIcon={app}\CN Planner.exe
LicenseFile={#Folder}\_internal\licences\LICENSE
Compression=lzma2
SolidCompression=yes
ChangesAssociations=yes

[Files]
Source: "{#Folder}\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{autoprograms}\CN Planner {#Version}"; Filename: "{app}\CN Planner.exe"

; Windows knows a file by what follows its last point: a plan shares .gpkg with other programs, and is offered ours there.
[Registry]
Root: HKA; Subkey: "Software\Classes\CNPlanner.Plan"; ValueType: string; ValueData: "CN Planner plan"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\CNPlanner.Plan\DefaultIcon"; ValueType: string; ValueData: "{app}\CN Planner.exe,0"
Root: HKA; Subkey: "Software\Classes\CNPlanner.Plan\shell\open\command"; ValueType: string; ValueData: """{app}\CN Planner.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\.gpkg\OpenWithProgids"; ValueType: string; ValueName: "CNPlanner.Plan"; ValueData: ""; Flags: uninsdeletevalue

[Run]
Filename: "{app}\CN Planner.exe"; Description: "{cm:LaunchProgram,CN Planner}"; Flags: nowait postinstall skipifsilent
