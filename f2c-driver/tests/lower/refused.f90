subroutine s(a, p)
  real a(:)
end
subroutine t
  type :: point
    real x
  end type
end
subroutine u(b)
  real b(5,5)
  call v(b(1, 2:3))
  if (maxval(b(:,1)) > 0) then
  else if (sum(b(:,2)) > 0) then
  end if
end
subroutine w(x)
  real, pointer :: x
end
subroutine y(c)
  real c(9)
  c(2:9) = c(1:8)
  c = matmul(c, c)
end
module m
end module
module m
contains
subroutine s_module_proc
end subroutine
end module
subroutine s_use_unknown
use mine
end
subroutine s_type
type t
real x
end type
end
subroutine s_component(x)
x%a = 1
end
subroutine s_structure
structure /a/
integer i
end structure
record /a/ r
end
subroutine s_union
union
end
subroutine s_pointer
real, pointer :: p
end
subroutine s_craypointer
real x(10)
pointer (p, x)
end
subroutine s_ptrassign
p => q
end
subroutine s_nullify
nullify(p)
end
subroutine s_where1(a)
real a(10)
where (a > 0) a = 1
end
subroutine s_where2(a)
real a(10)
where (a > 0)
a = 1
elsewhere
a = 2
end where
end
subroutine s_forall(a)
real a(10)
forall (i=1:10) a(i) = i
end
subroutine s_forall2(a)
real a(10)
forall (i=1:10)
a(i) = i
end forall
end
subroutine s_associate(a)
real a(10)
associate (b => a(1))
b = 1
end associate
end
subroutine s_block(a)
block
integer i
i = 1
end block
end
subroutine s_class(a)
class(t) :: a
end
subroutine s_enum
enum, bind(c)
enumerator :: red
end enum
end
subroutine s_procptr(f)
procedure(g) :: f
end
subroutine s_generic
interface sw
subroutine f
end subroutine
end interface
end
subroutine s_operator
interface operator(+)
function f(a,b)
end function
end interface
end
subroutine s_optional(a)
real, optional :: a
end
subroutine s_present(a)
if (present(a)) a = 1
end
subroutine s_keyword
call f(a, n=3)
end
function f(x)
real f(3)
f = x
end
subroutine s_arrayfunint(a)
real a(3)
interface
function f(x)
real f(3)
end function
end interface
a = f(1.0)
end
subroutine s_allocdummy(a)
real, allocatable :: a(:)
allocate(a(3))
end
function f()
real, allocatable :: f(:)
allocate(f(3))
end
subroutine s_matmul(a, b)
real a(3,3), b(3,3)
a = matmul(a, b)
end
subroutine s_transpose(a, b)
real a(3,3), b(3,3)
a = transpose(b)
end
subroutine s_reshape(a, b)
real a(3,3), b(9)
a = reshape(b, (/3,3/))
end
subroutine s_pack(a, b)
real a(9), b(9)
a = pack(b, b>0)
end
subroutine s_spread(a, b)
real a(3,3), b(3)
a = spread(b, 1, 3)
end
subroutine s_cshift(b)
real b(3)
b = cshift(b, 1)
end
subroutine s_sumdim(a, k)
real a(3,3), k(3)
k = sum(a, 1)
end
subroutine s_quad(x)
real(16) x
end
subroutine s_kind(x)
real(kind=k) x
end
subroutine s_i16(x)
integer(16) x
end
subroutine s_srk(x)
integer, parameter :: k = selected_real_kind(30)
real(k) x
end
subroutine s_deferredlen
character(len=:), allocatable :: c
c = 'a'
end
subroutine s_encode(c)
character*8 c
encode(8, 10, c) i
10 format(i8)
end
subroutine s_flush
flush(6)
end
subroutine s_bindc() bind(c)
end
function f() bind(c, name='g')
end
subroutine s_value(x)
real, value :: x
end
subroutine s_advance
write(*,'(a)',advance='no') 'x'
end
subroutine s_newunit
open(newunit=i, file='x')
end
subroutine s_iomsg(c)
character*80 c
open(7, file='x', iostat=i, iomsg=c)
end
subroutine s_stream
open(7, file='x', access='stream')
end
subroutine s_async
open(7, file='x', asynchronous='yes')
wait(7)
end
submodule (m) n
end submodule
subroutine s_elemental(a)
real a(3)
call f(a)
contains
elemental subroutine f(x)
real, intent(inout) :: x
x = 1
end subroutine
end
subroutine s_elementalfun(a)
real a(3)
a = f(a)
contains
elemental function f(x)
real, intent(in) :: x
f = x+1
end function
end
subroutine s_doconc(a)
real a(3)
do concurrent (i=1:3)
a(i) = 1
end do
end
subroutine s_coarray
real x[*]
end
subroutine s_sync
sync all
end
subroutine s_val(x)
call f(%val(x))
end
subroutine s_hostvar(i)
call f
contains
subroutine f
i = 1
end subroutine
end
subroutine s_selecttype(x)
select type (x)
end select
end
subroutine s_ptrinit
real, pointer :: p => null()
end
subroutine s_charkind
character(kind=4) :: p
end
subroutine s_execcmd
call execute_command_line('x')
end
subroutine s_getcmd(c)
character*8 c
call get_command_argument(1, c)
end
subroutine s_getenv(c)
character*8 c
call get_environment_variable('HOME', c)
end
subroutine s_moveall
real, allocatable :: a(:), b(:)
call move_alloc(a, b)
end
subroutine s_allocsrc(n)
real, allocatable :: a(:)
allocate(a(n), source=0.0)
end
subroutine s_realloc(b)
real, allocatable :: a(:)
allocate(a(9))
a = a(1:3)
end
subroutine s_usecbinding(p)
use iso_c_binding
type(c_ptr) p
end
subroutine s_useieee(p)
use ieee_arithmetic
if (ieee_is_nan(p)) p=0
end
subroutine s_implieddata(x)
real x(3)
x = [ (i, i=1,3) ]
end
subroutine s_stringfun(c)
character*(*) c
c = trim(adjustl(c)) // repeat('x', 3)
end
subroutine s_mergef(x)
x = merge(1.0, 2.0, x > 0)
end
subroutine alias(a, i, j)
real a(9)
integer i(3), j(3)
a(i) = a(j)
end
subroutine s_allocshape()
real, allocatable :: a(:)
allocate(a(:))
end
subroutine s_allocnone()
real, allocatable :: a(:)
allocate()
end
subroutine s_allochole(n)
real, allocatable :: a(:)
allocate(a(n),)
end
subroutine s_allocstat(i)
real, allocatable :: a(:)
if (i > 0) deallocate(a, stat=)
end
subroutine s_allocstats(i, j)
real, allocatable :: a(:)
deallocate(a, stat=i, stat=j)
end
subroutine s_deallocauto(n)
real a(n)
deallocate(a)
end
subroutine host_common
  common /block/ shared
  call inner
contains
  subroutine inner
    shared = 1
  end subroutine
end subroutine
subroutine host_passes
  n = 1
  call other(inner)
contains
  subroutine inner
    n = 2
  end subroutine
end subroutine
