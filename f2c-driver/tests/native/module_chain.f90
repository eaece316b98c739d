! PRIVATE names, and modules that use others.
module a
  implicit none
  private
  integer, public :: x = 1
  integer :: hidden = 42
  public :: get
contains
  integer function get()
    get = hidden + x
  end function
end module
module b
  use a
  implicit none
  integer :: y = 2
contains
  subroutine both(s)
    character(*), intent(in) :: s
    x = x + 1
    y = y + x
    print *, s, x, y, get()
  end subroutine
end module
program p
  use b
  use a, only: xx => x
  hidden = 1.5
  call both('q')
  print *, x, y, xx, hidden
  print '(a/a/a)', 'the', 'end', 'of it'
end
