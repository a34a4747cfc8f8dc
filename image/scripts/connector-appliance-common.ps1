# What the scripts for PowerShell have in common: questions, the file beside them, and what exists when a step fails.

function Write-Note {
    <#
    .SYNOPSIS
    Tells the person something that is not a result.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory)][AllowEmptyString()][string]$Text)
    Write-Information -MessageData $Text -InformationAction Continue
}

function Read-Answer {
    <#
    .SYNOPSIS
    Gives the parameter that stands in for a question, what the person types, or the default.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)][string]$Parameter,
        [Parameter(Mandatory)][string]$Question,
        [AllowEmptyString()][string]$Given = '',
        [AllowEmptyString()][string]$Default = '',
        [switch]$Unattended
    )
    $answer = $Given
    if (-not $answer -and -not $Unattended) {
        $shown = if ($Default) { "$Question [$Default]" } else { $Question }
        $answer = Read-Host -Prompt $shown
    }
    if (-not $answer) { $answer = $Default }
    if (-not $answer) { throw "The answer to '$Question' is empty; give -$Parameter." }
    $answer
}

function Select-Answer {
    <#
    .SYNOPSIS
    As Read-Answer, with one of a list; its number may be typed instead.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)][string]$Parameter,
        [Parameter(Mandatory)][string]$Question,
        [Parameter(Mandatory)][string[]]$Choice,
        [AllowEmptyString()][string]$Given = '',
        [AllowEmptyString()][string]$Default = '',
        [switch]$Unattended
    )
    if (-not $Given -and -not $Unattended) {
        for ($number = 1; $number -le $Choice.Count; $number++) {
            Write-Note -Text ('{0,4}  {1}' -f $number, $Choice[$number - 1])
        }
    }
    $answer = Read-Answer -Parameter $Parameter -Question $Question -Given $Given -Default $Default `
        -Unattended:$Unattended
    if ($Choice -contains $answer) { return $answer }
    $number = 0
    if (-not $Given -and [int]::TryParse($answer, [ref]$number) -and $number -ge 1 -and $number -le $Choice.Count) {
        return $Choice[$number - 1]
    }
    throw "There is no '$answer'; -$Parameter takes one of: $($Choice -join ', ')."
}

function Assert-Form {
    <#
    .SYNOPSIS
    Refuses a name that does not have this form (a regular expression).
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)][string]$What,
        [Parameter(Mandatory)][string]$Value,
        [Parameter(Mandatory)][string]$Form,
        [Parameter(Mandatory)][string]$Rule
    )
    if ($Value -cnotmatch $Form) { throw "'$Value' cannot be ${What}: $Rule." }
}

function Assert-Module {
    <#
    .SYNOPSIS
    Refuses to go on without a module.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)][string[]]$Name,
        [Parameter(Mandatory)][string]$Advice
    )
    foreach ($one in $Name) {
        if (-not (Get-Module -ListAvailable -Name $one)) { throw "The module $one is not installed. $Advice" }
    }
}

function Get-DiskFile {
    <#
    .SYNOPSIS
    Gives path, size and SHA-256 of the file beside the script, checked against SHA256SUMS if that is there.
    #>
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Mandatory)][string]$Directory,
        [Parameter(Mandatory)][string]$Name
    )
    $path = Join-Path -Path $Directory -ChildPath $Name
    if (-not (Test-Path -LiteralPath $path -PathType Leaf)) {
        throw "$path is missing; unpack the whole archive into one directory."
    }
    Write-Note -Text "Computing the SHA-256 of $Name."
    $sum = (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash.ToLowerInvariant()
    $list = Join-Path -Path $Directory -ChildPath 'SHA256SUMS'
    if (Test-Path -LiteralPath $list -PathType Leaf) {
        $form = "^[0-9a-f]{64}  $([regex]::Escape($Name))$"
        $line = @(Get-Content -LiteralPath $list | Where-Object { $_ -cmatch $form })
        if ($line.Count -eq 0) { throw "SHA256SUMS does not list $Name; take both from the same release." }
        if ($line[0].Substring(0, 64) -cne $sum) {
            throw "$Name is not the file that SHA256SUMS lists; download it again."
        }
    }
    [pscustomobject]@{ Path = $path; Length = (Get-Item -LiteralPath $path).Length; Sum = $sum }
}

function Wait-Confirmation {
    <#
    .SYNOPSIS
    Shows the summary and waits for Enter.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)][string[]]$Summary,
        [switch]$Unattended
    )
    foreach ($line in $Summary) { Write-Note -Text $line }
    if (-not $Unattended -and -not $WhatIfPreference) {
        $null = Read-Host -Prompt 'Enter continues, Ctrl+C ends'
    }
}

function Write-Remainder {
    <#
    .SYNOPSIS
    Names what exists when a step has failed.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory)][AllowEmptyCollection()][System.Collections.Generic.List[string]]$Made)
    if ($Made.Count -eq 0) { return }
    Write-Warning -Message 'It stopped, and this exists by now; the next run uses it again:'
    foreach ($thing in $Made) { Write-Warning -Message "  $thing" }
}
